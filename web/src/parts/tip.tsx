// A word of explanation that can be opened by a click, a key or a touch; one at a time.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

export function Tip(props: { about: string; children: ComponentChildren }) {
  const box = useRef<HTMLDetailsElement>(null);
  const [atEnd, setAtEnd] = useState(false);
  const place = () => {
    const room = document.documentElement.clientWidth - (box.current?.getBoundingClientRect().left ?? 0);
    setAtEnd(room < WIDTH);
  };
  return (
    <details
      class={`tip ${atEnd ? "at-end" : ""}`}
      name="tip"
      ref={box}
      onToggle={place}
      onKeyDown={(event) => {
        if (event.key === "Escape") box.current?.removeAttribute("open");
      }}
    >
      <summary aria-label={`About ${props.about}`}>?</summary>
      <div class="tip-text">{props.children}</div>
    </details>
  );
}

/** What a text takes at most, in pixels. */
const WIDTH = 280;
