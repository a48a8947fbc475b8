// How scores become one: a choice, with the server's as the first.

import type { AggregationStrategy } from "judge-auditor-client";
import { words } from "../lib/format";

const STRATEGIES: AggregationStrategy[] = ["weighted_average", "mean", "median", "trimmed_mean", "majority_vote"];

export function StrategyChoice(props: {
  value: AggregationStrategy | undefined;
  change: (strategy: AggregationStrategy | undefined) => void;
}) {
  return (
    <label>
      Strategy{" "}
      <select
        value={props.value ?? ""}
        onChange={(event) => props.change(STRATEGIES.find((name) => name === event.currentTarget.value))}
      >
        <option value="">the server's</option>
        {STRATEGIES.map((name) => (
          <option key={name} value={name}>
            {words(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
