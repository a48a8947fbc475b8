// Two texts word by word: what both have, and what only one of them has.

export interface Part {
  text: string;
  of: "both" | "first" | "second";
}

/** Cells of the table that is filled at most: about 20 ms of work and 8 MB. */
const MOST_CELLS = 4_000_000;

/** Texts that share less than this part are two texts, not two versions of one. */
const LEAST_KEPT = 0.2;

const wordsOf = (text: string) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** Null where the texts are too long, or too different, to be compared. */
export function wordDiff(one: string, other: string): Part[] | null {
  const [first, second] = [wordsOf(one), wordsOf(other)];
  let begin = 0;
  while (begin < first.length && begin < second.length && first[begin] === second[begin]) begin += 1;
  let end = 0;
  while (end < first.length - begin && end < second.length - begin && first[first.length - 1 - end] === second[second.length - 1 - end]) end += 1;
  const middle = common(first.slice(begin, first.length - end), second.slice(begin, second.length - end));
  if (!middle) return null;
  const parts: Part[] = [];
  const put = (text: string, of: Part["of"]) => {
    const last = parts.at(-1);
    if (text === "") return;
    if (last?.of === of) last.text += text;
    else parts.push({ text, of });
  };
  put(first.slice(0, begin).join(""), "both");
  for (const { text, of } of middle) put(text, of);
  put(first.slice(first.length - end).join(""), "both");
  const kept = parts.reduce((length, { text, of }) => length + (of === "both" ? text.trim().length : 0), 0);
  return kept < LEAST_KEPT * Math.max(one.length, other.length) ? null : joined(parts);
}

/** Changes that only a space or a mark stands between are one, so that both wordings can be read. */
function joined(parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  let [removed, added] = ["", ""];
  const flush = () => {
    if (removed) found.push({ text: removed, of: "first" });
    if (added) found.push({ text: added, of: "second" });
    [removed, added] = ["", ""];
  };
  parts.forEach(({ text, of }, place) => {
    const isBetween = of === "both" && !/[\p{L}\p{N}]/u.test(text) && place > 0 && place < parts.length - 1 && text.length < 4;
    if (of !== "second" && (of === "first" || isBetween)) removed += text;
    if (of !== "first" && (of === "second" || isBetween)) added += text;
    if (of === "both" && !isBetween) {
      flush();
      found.push({ text, of });
    }
  });
  flush();
  return found;
}

/** By the longest common subsequence. */
function common(first: string[], second: string[]): Part[] | null {
  const [rows, columns] = [first.length + 1, second.length + 1];
  if (rows * columns > MOST_CELLS) return null;
  const lengths = new Uint16Array(rows * columns);
  const at = (row: number, column: number) => lengths[row * columns + column] ?? 0;
  for (let row = first.length - 1; row >= 0; row -= 1) {
    for (let column = second.length - 1; column >= 0; column -= 1) {
      lengths[row * columns + column] =
        first[row] === second[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const parts: Part[] = [];
  let [row, column] = [0, 0];
  while (row < first.length || column < second.length) {
    const [mine, theirs] = [first[row], second[column]];
    if (mine !== undefined && mine === theirs) {
      parts.push({ text: mine, of: "both" });
      row += 1;
      column += 1;
    } else if (mine !== undefined && (theirs === undefined || at(row + 1, column) >= at(row, column + 1))) {
      parts.push({ text: mine, of: "first" });
      row += 1;
    } else {
      parts.push({ text: theirs ?? "", of: "second" });
      column += 1;
    }
  }
  return parts;
}
