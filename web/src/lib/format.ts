// Figures and moments as people read them.

export const score = (value: number | null | undefined) => (value == null ? "–" : value.toFixed(1));
export const share = (value: number | null | undefined) => (value == null ? "–" : `${Math.round(value * 100)}\u00a0%`);
export const index = (value: number | null | undefined) => (value == null ? "undefined" : value.toFixed(2));
export const usd = (value: number | null | undefined) =>
  value == null ? "no price known" : value === 0 ? "free" : `$${value < 0.01 ? value.toFixed(5) : value.toFixed(3)}`;
export const duration = (ms: number) =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
export const count = (value: number) => value.toLocaleString("en");

export function moment(time: string | null | undefined) {
  if (!time) return "–";
  return new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** `trimmed_mean` as "trimmed mean". */
export const words = (name: string) => name.replaceAll("_", " ");

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
