// Tags: as they are shown, and as they are typed.

import { useEffect, useId } from "preact/hooks";
import { LONGEST_TAG, MOST_TAGS, fitTags, tagsOf } from "../lib/tags";
import { addressOf, filtersOf } from "../state/filters";
import { readTags, tags } from "../state/tags";
import { t } from "../words";

/** Each leads to the audits that have it. */
export function Tags(props: { tags: readonly string[] }) {
  if (props.tags.length === 0) return null;
  return (
    <ul class="tags" aria-label={t.value.annotations.tags}>
      {props.tags.map((tag) => (
        <li key={tag}>
          <a class="tag" dir="auto" href={addressOf({ ...filtersOf(""), tag })}>
            {tag}
          </a>
        </li>
      ))}
    </ul>
  );
}

export function TagsField(props: { value: string; change: (typed: string) => void }) {
  const words = t.value.annotations;
  const typed = tagsOf(props.value);
  const [rule, known] = [useId(), useId()];
  const isWrong = !fitTags(typed);
  useEffect(() => void readTags(), []);
  // What is proposed is the whole of what will stand in the field.
  const before = props.value.includes(",") ? `${props.value.slice(0, props.value.lastIndexOf(",")).trim()}, ` : "";
  return (
    <label>
      {words.tags}
      <input
        value={props.value}
        dir="auto"
        list={known}
        aria-invalid={isWrong}
        aria-describedby={rule}
        onInput={(event) => props.change(event.currentTarget.value)}
      />
      <small id={rule} class={isWrong ? "bad-text" : "faint"}>
        {words.tagsRule(MOST_TAGS, LONGEST_TAG)}
      </small>
      <datalist id={known}>
        {tags.value
          .filter(({ tag }) => !typed.includes(tag))
          .map(({ tag }) => (
            <option key={tag} value={`${before}${tag}`} />
          ))}
      </datalist>
    </label>
  );
}
