// A button with choices below it, which close by Escape, by a click elsewhere, and when one is chosen.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export function Menu(props: { title: string; about: string; keepsOpen?: boolean; children: ComponentChildren }) {
  const box = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  const close = (focus: boolean) => {
    if (!box.current?.open) return;
    box.current.open = false;
    if (focus) box.current.querySelector("summary")?.focus();
  };
  useEffect(() => {
    const elsewhere = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) close(false);
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, []);
  return (
    <details class="menu" ref={box} onToggle={(event) => setOpen(event.currentTarget.open)} onKeyDown={(event) => event.key === "Escape" && close(true)}>
      <summary class="button">{props.title}</summary>
      <div role="group" aria-label={props.about} onClick={(event) => !props.keepsOpen && (event.target as Element).closest("button, a") && close(true)}>
        {open && props.children}
      </div>
    </details>
  );
}
