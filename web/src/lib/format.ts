// Figures and moments as people read them, in the language of the page.

import { t } from "../words";

export const count = (value: number) => value.toLocaleString(t.value.language.code);
const fixed = (value: number, digits: number) =>
  value.toLocaleString(t.value.language.code, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
export const score = (value: number | null | undefined) => (value == null ? "–" : fixed(value, 1));
export const share = (value: number | null | undefined) => (value == null ? "–" : `${Math.round(value * 100)}\u00a0%`);
export const index = (value: number | null | undefined) => (value == null ? t.value.common.undefined : fixed(value, 2));
export const usd = (value: number | null | undefined) =>
  value == null ? t.value.common.noPrice : value === 0 ? t.value.common.free : `$${value.toFixed(value < 0.01 ? 5 : 3)}`;
export const duration = (ms: number) =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${fixed(ms / 1000, 1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

/** An amount of money in full, such as a budget. */
export const dollars = (value: number) => `$${value.toLocaleString(t.value.language.code, { maximumFractionDigits: 6 })}`;

/** Neither 0 % nor 100 % is said of what is only near it. */
export function chance(value: number) {
  if (value > 0 && value < 0.005) return "<\u00a01\u00a0%";
  if (value < 1 && value > 0.995) return ">\u00a099\u00a0%";
  return share(value);
}

export function moment(time: string | null | undefined) {
  if (!time) return "–";
  return new Date(time).toLocaleString(t.value.language.dates, { dateStyle: "medium", timeStyle: "short" });
}

/** To the millisecond, for a log. */
export const clock = (time: string) =>
  new Date(time).toLocaleTimeString(t.value.language.dates, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });

/** A name of the wire that the page has no word for: `trimmed_mean` as "trimmed mean". */
export const spaced = (name: string) => name.replaceAll("_", " ");

/** The beginning of a text, on one line. */
export function brief(text: string, most = 90) {
  const line = text.slice(0, most * 4).trim().replace(/\s+/gu, " ");
  if (line.length <= most) return line;
  const space = line.lastIndexOf(" ", most);
  return `${line.slice(0, space > most / 2 ? space : most).replace(/[\s.,;:…]+$/u, "")}…`;
}

/** What the server says in the middle of a line, as a line of its own. */
export function asSentence(text: string) {
  const line = text.trim();
  // A name such as max_tokens stays as it is.
  const begun = /^[a-z][a-z']*(\s|$)/.test(line) ? line.charAt(0).toUpperCase() + line.slice(1) : line;
  return /[\p{L}\p{N})"'%]$/u.test(begun) ? `${begun}.` : begun;
}
