// Texts that are read from files, chosen or dropped.

import { useState } from "preact/hooks";
import type { SourceText } from "judge-auditor-client";
import { t } from "../words";

/** Sources of one audit, at most. */
export const MOST_SOURCES = 50;

/** The files' texts with their names; or why one of them is none. */
async function readTexts(files: readonly File[]): Promise<SourceText[] | string> {
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

/** Reads so many of the files at most, and says what is wrong with one of them. */
export function useFiles(most: number, take: (texts: SourceText[]) => void) {
  const [wrong, setWrong] = useState<string | null>(null);
  const read = async (files: FileList | null | undefined) => {
    const chosen = [...(files ?? [])].slice(0, most);
    if (chosen.length === 0) return;
    setWrong(null);
    const texts = await readTexts(chosen);
    if (typeof texts === "string") setWrong(texts);
    else take(texts);
  };
  return { wrong, read: (files: FileList | null | undefined) => void read(files) };
}

export function ChooseFiles(props: { several: boolean; read: (files: FileList | null) => void }) {
  const words = t.value.newAudit;
  return (
    <label class="file">
      <input
        type="file"
        accept=".txt,.md,.json,.csv,.html,text/*"
        multiple={props.several}
        onChange={(event) => {
          props.read(event.currentTarget.files);
          // The same file may be chosen again.
          event.currentTarget.value = "";
        }}
      />
      <span>{props.several ? words.chooseFiles : words.chooseFile}</span>
    </label>
  );
}

/** What is wrong with a file, for those who can't see it too. */
export function WrongFile({ wrong }: { wrong: string | null }) {
  if (!wrong) return null;
  return (
    <p class="bad-text" role="alert">
      {wrong}
    </p>
  );
}
