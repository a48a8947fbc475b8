// The source, or another long text, laid out a piece at a time, with the evidence of the chosen claim marked.

import { useEffect, useMemo, useRef } from "preact/hooks";
import type { NamedSource, Span } from "judge-auditor-client";
import { pieces, segments } from "../lib/segments";
import { t } from "../words";

/** A passage to be marked; the text is scrolled to the `main` one. */
export interface Mark extends Span {
  main: boolean;
}

/** From here on only what is in view is laid out. */
const LONG = 20_000;

/** How often the way to a mark is corrected. */
const MOST_FRAMES = 60;
/** After so many frames in one place it is reached. */
const CALM_FRAMES = 5;

export function Source(props: { text: string; marks: readonly Mark[]; name?: string; sources?: readonly NamedSource[] | undefined }) {
  const { text, marks, sources } = props;
  const parts = useMemo(() => partsOf(text, sources), [text, sources]);
  // The same elements each time: of hundreds of pieces only those with a mark, or without the one they had, are looked at.
  const plain = useMemo(() => parts.map((part) => <Piece key={part.start} {...part} marks={NONE} />), [parts]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (marks.length === 0) return;
    let frames = 0;
    let calm = 0;
    let frame = 0;
    // What comes into view gets its true height only then, and moves what is below it.
    const approach = () => {
      const first = box.current?.querySelector("mark.main") ?? box.current?.querySelector("mark");
      if (!first || !box.current) return;
      const off = first.getBoundingClientRect().top - box.current.getBoundingClientRect().top - box.current.clientHeight / 3;
      const before = box.current.scrollTop;
      box.current.scrollTop += off;
      calm = Math.abs(box.current.scrollTop - before) < 1 ? calm + 1 : 0;
      if (calm < CALM_FRAMES && ++frames < MOST_FRAMES) frame = requestAnimationFrame(approach);
    };
    approach();
    return () => cancelAnimationFrame(frame);
  }, [marks]);
  return (
    <div
      class={`source scrolls ${text.length > LONG ? "long" : ""}`}
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={props.name ?? t.value.texts.sourceText}
    >
      {parts.map((part, at) => {
        const inside = within(part, marks);
        const piece = inside.length === 0 ? plain[at] : <Piece key={part.start} {...part} marks={inside} />;
        if (part.heading === undefined) return piece;
        return [
          <h3 key={`of ${part.start}`} class="source-name" dir="auto">
            {part.heading}
          </h3>,
          piece,
        ];
      })}
    </div>
  );
}

/** What a piece takes at most beside the other texts, until it is laid out: a text that grew while one goes to its end would have none. */
const height = (text: string) => Math.max(Math.ceil(text.length / 42), text.split("\n").length) * 1.65;

interface Part {
  text: string;
  start: number;
  /** The name of the source that begins with it. */
  heading?: string;
}

/** Of several sources each has its name before it; what parts them is the program's own. */
function partsOf(text: string, sources: readonly NamedSource[] = []): Part[] {
  if (sources.length === 0) return pieces(text);
  return sources.flatMap(({ name, span }) =>
    pieces(text.slice(span.start, span.end)).map((piece, at): Part => ({ ...piece, start: span.start + piece.start, ...(at === 0 && { heading: name }) })),
  );
}

const NONE: readonly Mark[] = [];

/** The marks of a piece, from its beginning on. */
const within = ({ text, start }: Part, marks: readonly Mark[]): Mark[] =>
  marks
    .map(({ main, ...span }) => ({ main, start: Math.max(span.start - start, 0), end: Math.min(span.end - start, text.length) }))
    .filter((span) => span.start < span.end);

function Piece({ text, marks }: Part & { marks: readonly Mark[] }) {
  return (
    <p dir="auto" style={{ containIntrinsicBlockSize: `auto ${height(text)}rem` }}>
      {marks.length === 0
        ? text
        : segments(text, marks, (span) => span).map((part) =>
            part.item ? (
              <mark key={part.start} class={part.item.main ? "main" : ""}>
                {part.text}
              </mark>
            ) : (
              <span key={part.start}>{part.text}</span>
            ),
          )}
    </p>
  );
}
