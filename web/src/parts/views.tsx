// Views of the history: those that everybody has, and those that one has kept.

import { useRef, useState } from "preact/hooks";
import { addressOf, filtersOf } from "../state/filters";
import type { Filters } from "../state/filters";
import { LONGEST_VIEW_NAME, dropView, saveView, views } from "../state/views";
import { t } from "../words";

/** In the order of their names in the words of the page. */
const BUILT_IN = ["", "since=7&order=6", "status=failed"];

const queryOf = (filters: Filters) => addressOf(filters).split("?")[1] ?? "";

export function Views(props: { filters: Filters; set: (changes: Partial<Filters>) => void }) {
  const words = t.value.history;
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const save = useRef<HTMLButtonElement>(null);
  const now = queryOf(props.filters);
  // The same filters in another order are the same view.
  const all = [
    ...BUILT_IN.map((query, place) => ({ name: words.views[place] ?? "", query: queryOf(filtersOf(query)), own: false })),
    ...views.value.map((view) => ({ ...view, query: queryOf(filtersOf(view.query)), own: true })),
  ];
  const isKnown = all.some(({ query }) => query === now);
  const done = () => {
    setNaming(false);
    setName("");
    requestAnimationFrame(() => save.current?.focus());
  };
  return (
    <div class="views" role="group" aria-label={words.viewsOf}>
      {all.map((view) => (
        <span key={`${view.own} ${view.name}`} class="view">
          <button type="button" class="choice-chip" dir="auto" aria-pressed={view.query === now} onClick={() => props.set(filtersOf(view.query))}>
            {view.name}
          </button>
          {view.own && view.query === now && (
            <button type="button" class="quiet icon small" aria-label={words.dropView(view.name)} onClick={() => dropView(view.name)}>
              ✕
            </button>
          )}
        </span>
      ))}
      {naming ? (
        <form
          class="view-name"
          onKeyDown={(event) => event.key === "Escape" && done()}
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() === "") return;
            saveView({ name: name.trim(), query: now });
            done();
          }}
        >
          <input
            aria-label={words.viewName}
            placeholder={words.viewName}
            dir="auto"
            maxLength={LONGEST_VIEW_NAME}
            value={name}
            ref={(field) => field?.focus()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit">{words.saveView}</button>
        </form>
      ) : (
        !isKnown && (
          <button type="button" class="quiet small" ref={save} onClick={() => setNaming(true)}>
            {words.keepView}
          </button>
        )
      )}
    </div>
  );
}
