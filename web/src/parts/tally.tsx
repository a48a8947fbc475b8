// Claims by label, as short as they can be said.

import type { ClaimTotals, Label } from "judge-auditor-client";
import { count } from "../lib/format";
import { t } from "../words";
import { LABELS } from "./verdict";

const ORDER: [keyof ClaimTotals, Label][] = [
  ["refuted", "REFUTED"],
  ["not_enough_info", "NOT_ENOUGH_INFO"],
  ["supported", "SUPPORTED"],
];

/** What does not hold comes first; what there is none of is left out. */
export function Tally(props: { claims: ClaimTotals | null | undefined }) {
  const { claims } = props;
  if (!claims) return <>–</>;
  const shown = ORDER.filter(([key]) => claims[key] > 0);
  if (shown.length === 0) return <span class="faint">{t.value.common.none}</span>;
  return (
    <span class="tally">
      {shown.map(([key, label]) => (
        <span key={key} class={`tally-part ${LABELS[label].css}`} title={t.value.labels[label]}>
          <span aria-hidden="true">{LABELS[label].mark}</span> {count(claims[key])}
          <span class="spoken"> {t.value.labels[label]}</span>
        </span>
      ))}
    </span>
  );
}
