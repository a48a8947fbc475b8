// A text cut at the edges of its spans.

import type { Span } from "judge-auditor-client";

export interface Segment<T> {
  text: string;
  start: number;
  item: T | null;
}

/** The text in order; spans are in UTF-16 code units, as `slice` takes them. What overlaps an earlier span is left out. */
export function segments<T>(text: string, items: readonly T[], span: (item: T) => Span): Segment<T>[] {
  const sorted = [...items].sort((one, other) => span(one).start - span(other).start);
  const found: Segment<T>[] = [];
  let at = 0;
  for (const item of sorted) {
    const { start, end } = span(item);
    if (start < at || end <= start || end > text.length) continue;
    if (start > at) found.push({ text: text.slice(at, start), start: at, item: null });
    found.push({ text: text.slice(start, end), start, item });
    at = end;
  }
  if (at < text.length) found.push({ text: text.slice(at), start: at, item: null });
  return found;
}

/** Pieces of a text with where each begins: a long source is laid out a piece at a time. A piece holds whole lines, unless one is very long. */
export function pieces(text: string): { text: string; start: number }[] {
  const found: { text: string; start: number }[] = [];
  for (let start = 0; start < text.length; ) {
    const end = cut(text, start);
    // The break between two pieces is the one between their elements.
    const shown = text[end - 1] === "\n" && end < text.length ? end - 1 : end;
    found.push({ text: text.slice(start, shown), start });
    start = end;
  }
  return found;
}

/** Where a piece ends: after a line, else after a word, and never within a surrogate pair. */
function cut(text: string, start: number): number {
  const LONGEST = 2000;
  if (text.length - start <= LONGEST) return text.length;
  const most = start + LONGEST;
  // Only what is looked at: a search from there to the beginning of all would be one of all for each piece.
  const near = text.slice(start, most);
  const line = near.lastIndexOf("\n") + 1;
  if (line > 0) return start + line;
  const space = near.lastIndexOf(" ") + 1;
  if (space > LONGEST / 2) return start + space;
  return /[\uD800-\uDBFF]/.test(text[most - 1] ?? "") ? most - 1 : most;
}
