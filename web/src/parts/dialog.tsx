// A dialog over the page: closed by its button, by Escape, and by a click beside it.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../words";

export function Dialog(props: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // Where it is taken away without having been closed, the browser leaves the focus nowhere.
    return () =>
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
      });
  }, []);
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby={title} onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      <div class="dialog-content">
        <header>
          <h2 id={title}>{props.title}</h2>
          <button type="button" class="quiet icon" aria-label={t.value.common.close} onClick={() => dialog.current?.close()}>
            ✕
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
