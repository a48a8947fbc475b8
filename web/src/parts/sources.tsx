// Several sources of a new audit, each with its name.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { SourceText } from "judge-auditor-client";
import { t } from "../words";
import { ChooseFiles, MOST_SOURCES, WrongFile, useFiles } from "./files";
import { Length, lengthOf } from "./text-field";

const LONGEST_NAME = 100;

export function Sources(props: { sources: readonly SourceText[]; most: number; change: (sources: readonly SourceText[]) => void }) {
  const { sources, change } = props;
  const words = t.value.newAudit;
  const list = useRef<HTMLOListElement>(null);
  const limit = useId();
  const length = sources.reduce((sum, { text }) => sum + lengthOf(text), 0);
  // Whoever asks for one more goes on in it, and whoever takes one away at the one that is there now.
  const [goTo, setGoTo] = useState<number | null>(null);
  useEffect(() => {
    if (goTo !== null) list.current?.children[Math.min(goTo, sources.length - 1)]?.querySelector("input")?.focus();
    setGoTo(null);
  }, [goTo]);
  // The button that led here is gone.
  useEffect(() => {
    if (document.activeElement === document.body) list.current?.querySelector("input")?.focus();
  }, []);
  const set = (place: number, changes: Partial<SourceText>) => change(sources.map((source, at) => (at === place ? { ...source, ...changes } : source)));
  const add = () => {
    // A number that no other one has.
    let number = sources.length + 1;
    while (sources.some(({ name }) => name === words.sourceName(number))) number += 1;
    change([...sources, { name: words.sourceName(number), text: "" }]);
    setGoTo(sources.length);
  };
  const kept = sources.filter(({ text }) => text !== "");
  const { wrong, read } = useFiles(MOST_SOURCES - kept.length, (texts) => change([...kept, ...texts]));
  return (
    <fieldset
      class="sources"
      aria-describedby={limit}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        read(event.dataTransfer?.files);
      }}
    >
      <legend>
        {words.sources} <small class="faint">{words.sourceHint}</small>
      </legend>
      <ol class="plain-list" ref={list}>
        {sources.map(({ name, text }, place) => (
          <li key={place}>
            <div class="field-and-button">
              <label>
                {words.nameOf(place + 1)}
                <input value={name} dir="auto" maxLength={LONGEST_NAME} onInput={(event) => set(place, { name: event.currentTarget.value })} />
              </label>
              <button
                type="button"
                class="quiet"
                aria-label={words.removeSource(name)}
                onClick={() => {
                  change(sources.filter((_, at) => at !== place));
                  setGoTo(place);
                }}
              >
                {words.remove}
              </button>
            </div>
            <textarea rows={5} dir="auto" aria-label={words.textOf(name)} value={text} onInput={(event) => set(place, { text: event.currentTarget.value })} />
          </li>
        ))}
      </ol>
      <div class="row below">
        <span class="row">
          <button type="button" class="link" disabled={sources.length >= MOST_SOURCES} onClick={add}>
            {words.addSource}
          </button>
          <ChooseFiles several read={read} />
        </span>
        <Length id={limit} length={length} most={props.most} />
      </div>
      <WrongFile wrong={wrong} />
    </fieldset>
  );
}
