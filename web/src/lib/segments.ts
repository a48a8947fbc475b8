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

/** Paragraphs with where each begins: a long source is laid out a paragraph at a time. */
export function paragraphs(text: string): { text: string; start: number }[] {
  const LONGEST = 4000;
  const found: { text: string; start: number }[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    for (let from = 0; from < Math.max(line.length, 1); ) {
      let to = Math.min(from + LONGEST, line.length);
      // At a space, and never within a surrogate pair.
      const space = line.lastIndexOf(" ", to);
      if (to < line.length && space > from + LONGEST / 2) to = space + 1;
      else if (to < line.length && /[\uD800-\uDBFF]/.test(line[to - 1] ?? "")) to -= 1;
      found.push({ text: line.slice(from, to), start: at + from });
      from = Math.max(to, from + 1);
    }
    at += line.length + 1;
  }
  return found;
}
