// A text that is typed, pasted, dropped or read from a file.

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { SourceText } from "judge-auditor-client";
import { t } from "../words";
import { ChooseFiles, MOST_SOURCES, WrongFile, useFiles } from "./files";

/** As the server counts: by characters, not by units of UTF-16. */
export const lengthOf = (text: string) => {
  let length = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xdc00) {
      length -= 1;
      at += 1;
    }
  }
  return length;
};

export interface TextFieldProps {
  label: string;
  hint?: string;
  most: number;
  rows: number;
  value: string;
  change: (text: string) => void;
  /** Takes several files at once, each a text with a name. */
  several?: (files: SourceText[]) => void;
  /** Beside the choice of files. */
  children?: ComponentChildren;
}

export function TextField(props: TextFieldProps) {
  const [over, setOver] = useState(false);
  const length = lengthOf(props.value);
  const limit = useId();
  const { wrong, read } = useFiles(props.several ? MOST_SOURCES : 1, (texts) => {
    if (texts.length > 1) props.several?.(texts);
    else if (texts[0]) props.change(texts[0].text);
  });
  return (
    <div
      class={`text-field ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        read(event.dataTransfer?.files);
      }}
    >
      <label>
        {props.label} {props.hint && <small class="faint">{props.hint}</small>}
        <textarea
          rows={props.rows}
          dir="auto"
          value={props.value}
          aria-invalid={length > props.most}
          aria-describedby={limit}
          onInput={(event) => props.change(event.currentTarget.value)}
        />
      </label>
      <div class="row below">
        <span class="row">
          <ChooseFiles several={props.several !== undefined} read={read} />
          {props.children}
        </span>
        <Length id={limit} length={length} most={props.most} />
      </div>
      <WrongFile wrong={wrong} />
    </div>
  );
}

/** How long a text is, of how long it may be. */
export function Length(props: { id: string; length: number; most: number }) {
  return (
    <span id={props.id} class={props.length > props.most ? "bad-text" : "faint"}>
      {t.value.common.lengthOf(props.length, props.most)}
    </span>
  );
}
