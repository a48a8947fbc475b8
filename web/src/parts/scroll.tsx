// What may be wider than its place scrolls by itself, also by the keyboard.

import type { ComponentChildren } from "preact";

export function Scroll(props: { about: string; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={props.about} tabIndex={0}>
      {props.children}
    </div>
  );
}
