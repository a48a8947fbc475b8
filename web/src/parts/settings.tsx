// With what an audit was made.

import type { Evaluation } from "judge-auditor-client";
import { brief, count, duration, moment } from "../lib/format";
import { offer } from "../state/draft";
import { collectionPath, go } from "../state/route";
import { t } from "../words";

/** The form of a new audit, filled with what this one was made of. */
export function editAsNew(evaluation: Evaluation) {
  const { config } = evaluation;
  offer({
    name: evaluation.name || brief(evaluation.question || evaluation.candidate_output, 60) || t.value.settings.thisAudit,
    changes: {
      source: evaluation.sources?.length ? "" : evaluation.source_text,
      sources: (evaluation.sources ?? []).map(({ name, span }) => ({ name, text: evaluation.source_text.slice(span.start, span.end) })),
      candidate: evaluation.candidate_output,
      question: evaluation.question ?? "",
      judges: config.judges,
      strategy: config.aggregation_strategy,
      retrieval: config.enable_retrieval,
      collection: config.collection_id ?? null,
    },
  });
  go("#/");
}

export function Settings(props: { evaluation: Evaluation }) {
  const { evaluation } = props;
  const { config } = evaluation;
  const words = t.value.settings;
  const rows: [string, preact.ComponentChildren][] = [
    [words.judges, config.judges.join(", ")],
    [words.strategy, t.value.strategies[config.aggregation_strategy]],
    [words.passages, config.enable_retrieval ? words.best : words.allOfIt],
    ...(config.collection_id ? [[words.collection, <a href={collectionPath(config.collection_id)}>{t.value.texts.againstUnnamed}</a>] as [string, preact.ComponentChildren]] : []),
    [words.timeLimit, duration(config.deadline_ms)],
    ...(config.quorum ? [[words.quorum, count(config.quorum)] as [string, string]] : []),
    [words.made, moment(evaluation.created_at)],
    [words.started, moment(evaluation.started_at)],
    [words.ended, moment(evaluation.completed_at)],
    [words.id, <code>{evaluation.id}</code>],
  ];
  return (
    <section class="card">
      <h2>{words.title}</h2>
      <dl class="pairs settings">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        <button type="button" onClick={() => editAsNew(evaluation)}>
          {t.value.audit.edit}
        </button>
      </p>
    </section>
  );
}
