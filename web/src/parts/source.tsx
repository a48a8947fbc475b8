// The source, laid out a piece at a time, with the evidence of the chosen claim marked.

import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Span } from "judge-auditor-client";
import { pieces, segments } from "../lib/segments";

/** From here on only what is in view is laid out. */
const LONG = 20_000;

export function Source(props: { text: string; marks: readonly Span[] }) {
  const { text, marks } = props;
  const parts = useMemo(() => pieces(text), [text]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const first = marks.length > 0 && box.current?.querySelector("mark");
    if (!first || !box.current) return;
    const place = first.getBoundingClientRect().top - box.current.getBoundingClientRect().top;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    box.current.scrollBy({ top: place - box.current.clientHeight / 3, behavior: calm ? "auto" : "smooth" });
  }, [marks]);
  return (
    <div class={`source ${text.length > LONG ? "long" : ""}`} ref={box} tabIndex={0} role="region" aria-label="Source text">
      {parts.map(({ text, start }) => (
        <Piece key={start} text={text} start={start} marks={marks} />
      ))}
    </div>
  );
}

function Piece(props: { text: string; start: number; marks: readonly Span[] }) {
  const { text, start } = props;
  const inside = props.marks
    .map((span) => ({ start: Math.max(span.start - start, 0), end: Math.min(span.end - start, text.length) }))
    .filter((span) => span.start < span.end);
  return (
    <p dir="auto">
      {inside.length === 0
        ? text
        : segments(text, inside, (span) => span).map((part) =>
            part.item ? <mark key={part.start}>{part.text}</mark> : <span key={part.start}>{part.text}</span>,
          )}
    </p>
  );
}
