// What the browser's tab and its history say of the page.

import { useEffect } from "preact/hooks";
import { t } from "../words";

export function useTitle(title: string) {
  const { product } = t.value;
  useEffect(() => {
    document.title = title ? `${title} · ${product}` : product;
  }, [title, product]);
}
