// A word of explanation that can be opened by a click, a key or a touch.

import type { ComponentChildren } from "preact";

export function Tip(props: { about: string; children: ComponentChildren }) {
  return (
    <details class="tip">
      <summary aria-label={`About ${props.about}`}>?</summary>
      <div class="tip-text">{props.children}</div>
    </details>
  );
}
