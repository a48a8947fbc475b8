// A list that comes in pages, and that the person adds to and takes from.

import { useEffect, useRef, useState } from "preact/hooks";
import type { AuditorError, PageOf } from "judge-auditor-client";
import { asError } from "./session";

export interface List<Item> {
  items: Item[];
  loading: boolean;
  error: AuditorError | null;
  /** Reads the next page, where there is one. */
  more: (() => void) | null;
  again: () => void;
  add: (item: Item) => void;
  drop: (id: string) => void;
}

/** The list that `key` names, in the order of its ids, which is that of time. A page that can't be read is not asked for again until the person does. */
export function useList<Item extends { id: string }>(key: string, page: (cursor: string | null) => Promise<PageOf<Item>>): List<Item> {
  const [items, setItems] = useState<Item[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [loading, setLoading] = useState(true);
  const [failed, setFailed] = useState<{ error: AuditorError; from: string | null } | null>(null);
  const current = useRef(key);
  const read = async (from: string | null) => {
    setLoading(true);
    setFailed(null);
    try {
      const { items: found, next_cursor } = await page(from);
      if (current.current !== key) return;
      setItems((before) => merged(from ? before : [], found));
      setCursor(next_cursor ?? null);
    } catch (thrown) {
      if (current.current === key) setFailed({ error: asError(thrown), from });
    } finally {
      if (current.current === key) setLoading(false);
    }
  };
  useEffect(() => {
    current.current = key;
    setItems([]);
    setCursor(null);
    void read(null);
  }, [key]);
  return {
    items,
    loading,
    error: failed?.error ?? null,
    more: cursor && !loading && !failed ? () => void read(cursor) : null,
    again: () => void read(failed?.from ?? null),
    add: (item) => setItems((before) => merged(before, [item])),
    drop: (id) => setItems((before) => before.filter((item) => item.id !== id)),
  };
}

/** Each once: what was added here comes again with its page. */
function merged<Item extends { id: string }>(before: readonly Item[], found: readonly Item[]): Item[] {
  const all = new Map([...before, ...found].map((item) => [item.id, item]));
  return [...all.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
