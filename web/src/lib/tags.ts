// Tags as they are typed: with commas between them.

/** As many as the server keeps of an audit, and as long. */
export const MOST_TAGS = 20;
export const LONGEST_TAG = 50;

/** Each once, without the room around it. */
export const tagsOf = (typed: string): string[] => [
  ...new Set(
    typed
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
  ),
];

/** Whether the server would take them. */
export const fitTags = (tags: readonly string[]) => tags.length <= MOST_TAGS && tags.every((tag) => [...tag].length <= LONGEST_TAG);
