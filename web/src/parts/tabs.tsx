// Parts of a page of which one is shown at a time. All of them are there, so that all can be printed.

import type { ComponentChildren } from "preact";

export interface Panel<Name extends string> {
  name: Name;
  title: string;
  count?: number | undefined;
  content: ComponentChildren;
}

export function Tabs<Name extends string>(props: { about: string; panels: Panel<Name>[]; chosen: Name; choose: (name: Name) => void }) {
  const { panels, chosen } = props;
  const go = (event: KeyboardEvent, place: number) => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: panels.length - 1 }[event.key];
    const panel = to === undefined ? undefined : panels[(to + panels.length) % panels.length];
    if (!panel) return;
    event.preventDefault();
    props.choose(panel.name);
    document.getElementById(`tab-${panel.name}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={props.about}>
        {panels.map(({ name, title, count }, place) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            class="tab"
            aria-selected={name === chosen}
            aria-controls={`panel-${name}`}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => props.choose(name)}
            onKeyDown={(event) => go(event, place)}
          >
            {title}
            {count !== undefined && count > 0 && <span class="faint"> {count}</span>}
          </button>
        ))}
      </div>
      {panels.map(({ name, content }) => (
        <div key={name} class={`tab-panel panel-of-${name}`} role="tabpanel" id={`panel-${name}`} aria-labelledby={`tab-${name}`} hidden={name !== chosen}>
          {content}
        </div>
      ))}
    </>
  );
}
