// Reads the next page of a list when its end comes into view.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../words";

export function Sentinel(props: { seen: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && props.seen());
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [props.seen]);
  return (
    <div ref={box}>
      <button type="button" onClick={props.seen}>
        {t.value.common.more}
      </button>
    </div>
  );
}
