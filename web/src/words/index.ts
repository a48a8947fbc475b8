// In which language the page speaks: English at once, another one when it was fetched.

import { effect, signal } from "@preact/signals";
import { en } from "./en";
import type { Words } from "./en";

export type { Words } from "./en";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

/** The sentences of the page. Whoever reads them while drawing is drawn anew when the language changes. */
export const t = signal<Words>(en);

const KEPT = "language";

const isLanguage = (name: string | null | undefined): name is Language => name !== null && name !== undefined && name in LANGUAGES;

/** As it was chosen here, else as the browser asks. */
function wanted(): Language {
  const kept = localStorage.getItem(KEPT);
  if (isLanguage(kept)) return kept;
  return navigator.languages.map((name) => name.split("-")[0]).find(isLanguage) ?? "en";
}

async function fetched(language: Language): Promise<Words> {
  return language === "de" ? (await import("./de")).de : en;
}

/** What was asked for last counts, whatever comes first. */
let asked: Language = "en";

export async function speak(language: Language) {
  asked = language;
  const words = await fetched(language);
  if (asked === language) t.value = words;
}

export function chooseLanguage(language: Language) {
  localStorage.setItem(KEPT, language);
  void speak(language);
}

/** Before the first drawing, so that nobody sees two languages. English is shown where the other can't be fetched. */
export const ready = speak(wanted()).catch(() => {});

effect(() => {
  document.documentElement.lang = t.value.language.code;
});
