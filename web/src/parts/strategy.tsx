// How scores become one: a choice, with the server's as the first.

import type { AggregationStrategy } from "judge-auditor-client";
import { t } from "../words";

const STRATEGIES: AggregationStrategy[] = ["weighted_average", "mean", "median", "trimmed_mean", "majority_vote"];

export function StrategyChoice(props: {
  value: AggregationStrategy | undefined;
  change: (strategy: AggregationStrategy | undefined) => void;
}) {
  return (
    <label>
      {t.value.newAudit.strategy}{" "}
      <select
        value={props.value ?? ""}
        onChange={(event) => props.change(STRATEGIES.find((name) => name === event.currentTarget.value))}
      >
        <option value="">{t.value.newAudit.serversChoice}</option>
        {STRATEGIES.map((name) => (
          <option key={name} value={name}>
            {t.value.strategies[name]}
          </option>
        ))}
      </select>
    </label>
  );
}
