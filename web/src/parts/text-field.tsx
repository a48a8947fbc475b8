// A text that is typed, pasted, dropped or read from a file.

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { SourceText } from "judge-auditor-client";
import { t } from "../words";

/** Sources of one audit, at most. */
export const MOST_SOURCES = 50;

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

/** The files' texts with their names; or why one of them is none. */
export async function readTexts(files: readonly File[]): Promise<SourceText[] | string> {
  const words = t.value.newAudit;
  const texts: SourceText[] = [];
  for (const file of files) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      if (text === "") return words.emptyFile(file.name);
      texts.push({ name: file.name, text });
    } catch {
      return words.notUtf8(file.name);
    }
  }
  return texts;
}

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
  const [wrong, setWrong] = useState<string | null>(null);
  const words = t.value.newAudit;
  const length = lengthOf(props.value);
  const limit = useId();
  const read = async (list: FileList | null | undefined) => {
    const files = [...(list ?? [])].slice(0, props.several ? MOST_SOURCES : 1);
    if (files.length === 0) return;
    setWrong(null);
    const texts = await readTexts(files);
    if (typeof texts === "string") return setWrong(texts);
    if (texts.length > 1) props.several?.(texts);
    else if (texts[0]) props.change(texts[0].text);
  };
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
        void read(event.dataTransfer?.files);
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
          <label class="file">
            <input type="file" accept=".txt,.md,.json,.csv,.html,text/*" multiple={props.several !== undefined} onChange={(event) => void read(event.currentTarget.files)} />
            <span>{props.several ? words.chooseFiles : words.chooseFile}</span>
          </label>
          {props.children}
        </span>
        <span id={limit} class={length > props.most ? "bad-text" : "faint"}>
          {t.value.common.lengthOf(length, props.most)}
        </span>
      </div>
      {wrong && (
        <p class="bad-text" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
