// What is seen of a run. Texts of others are set as text only, never as markup.

const SYMBOL = { SUPPORTED: "✓", REFUTED: "✗", NOT_ENOUGH_INFO: "?" };
const CLASS = { SUPPORTED: "supported", REFUTED: "refuted", NOT_ENOUGH_INFO: "unknown" };
const WORDS = { SUPPORTED: "supported", REFUTED: "refuted", NOT_ENOUGH_INFO: "not enough information" };
const STAGES = {
  queued: "Waiting for its turn",
  claim_extraction: "Cutting the output into claims",
  retrieval: "Choosing passages of the source",
  verification: "Checking the claims",
  judging: "Asking the judges",
  aggregation: "Computing the figures",
};
const CANCELLED = {
  user: "Cancelled.",
  deadline: "Cancelled: it took longer than its deadline.",
  deleted: "Cancelled: the audit was deleted.",
};

const at = (id) => document.getElementById(id);

/** An element with a class and children; strings become text. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Somebody's text, in its own direction. */
function judged(tag, text, className) {
  const element = make(tag, className, text);
  element.dir = "auto";
  return element;
}

const number = (value, digits = 1) => (value === null || value === undefined ? "—" : value.toFixed(digits));
const percent = (value) => (value === null || value === undefined ? "—" : `${Math.round(value * 100)} %`);

export class Board {
  #candidate = "";
  #verdicts = [];

  /** Empties everything for a run on this candidate. */
  begin(candidate) {
    this.#candidate = candidate;
    this.#verdicts = [];
    for (const id of ["claims", "reports", "figures"]) at(id).replaceChildren();
    at("claim-count").textContent = "";
    at("reliability").textContent = "";
    at("result").hidden = true;
    at("progress").value = 0;
    at("stage").textContent = STAGES.queued;
    this.#paint();
  }

  /** Shows one event; true where the run ends with it. */
  show({ type, data }) {
    switch (type) {
      case "evaluation_progress":
        at("progress").value = data.progress;
        at("stage").textContent = `${STAGES[data.stage] ?? data.stage}: ${data.message}`;
        return false;
      case "claim_verdict":
        this.#verdicts.push(data);
        at("claim-count").textContent = `${data.completed} of ${data.total}`;
        at("claims").append(claimDetails(data));
        this.#paint();
        return false;
      case "judge_result":
        at("reports").append(judgeCard(data));
        return false;
      case "evaluation_error":
        if (!data.fatal) return false;
        return this.#end(`Failed: ${data.message}.`, data.recovery_suggestions);
      case "evaluation_cancelled":
        return this.#end(CANCELLED[data.reason] ?? "Cancelled.");
      case "evaluation_complete":
        showResult(data);
        return this.#end(data.degraded ? "Done, with something missing." : "Done.");
      default:
        return false;
    }
  }

  #end(sentence, suggestions = []) {
    at("progress").value = 100;
    at("stage").textContent = [sentence, ...suggestions.map((text) => `You can ${text}.`)].join(" ");
    return true;
  }

  /** The candidate with its decided claims marked. Spans count UTF-16 code units, as slice does. */
  #paint() {
    const pieces = [];
    let from = 0;
    const inOrder = [...this.#verdicts].sort((a, b) => a.claim.span.start - b.claim.span.start);
    for (const { claim, label } of inOrder) {
      if (claim.span.start < from) continue;
      pieces.push(this.#candidate.slice(from, claim.span.start));
      const text = this.#candidate.slice(claim.span.start, claim.span.end);
      const mark = make("a", `claim ${CLASS[label]}`, make("span", "symbol", SYMBOL[label]), " ", text);
      mark.href = `#claim-${claim.index}`;
      mark.title = WORDS[label];
      mark.addEventListener("click", () => (at(`claim-${claim.index}`).open = true));
      pieces.push(mark);
      from = claim.span.end;
    }
    pieces.push(this.#candidate.slice(from));
    at("candidate-text").replaceChildren(...pieces);
  }
}

function claimDetails({ claim, label, confidence, evidence, reasoning }) {
  const summary = make("summary", CLASS[label], make("span", "symbol", SYMBOL[label]), " ");
  summary.append(make("span", "verdict", WORDS[label]), " · ", judged("bdi", claim.text));
  const body = make("div", "", judged("p", reasoning));
  body.append(make("p", "hint", `${claim.type}, confidence ${percent(confidence)}`));
  for (const { text, source } of evidence) {
    body.append(judged("blockquote", text));
    if (source !== "source_text") body.append(make("p", "hint", source));
  }
  if (evidence.length === 0) body.append(make("p", "hint", "No evidence in the source."));
  const details = make("details", "", summary, body);
  details.id = `claim-${claim.index}`;
  return details;
}

function judgeCard(report) {
  const scored = report.status === "completed";
  const value = scored ? number(report.score) : report.status.replace("_", " ");
  const card = make("article", `card ${scored || report.status === "abstained" ? "" : "failed"}`);
  card.append(make("h4", "", make("span", "", report.judge_name), make("span", "", value)));
  const confidence = scored ? `, confidence ${percent(report.confidence)}` : "";
  card.append(make("p", "hint", `${report.model}, ${report.response_time_ms} ms${confidence}`));
  card.append(judged("p", report.error ?? report.reasoning));
  if (report.flagged_issues.length > 0) {
    const issues = report.flagged_issues.map((issue) =>
      judged("li", `${issue.severity} ${issue.type.replaceAll("_", " ")}: ${issue.description}`),
    );
    card.append(make("ul", "", ...issues));
  }
  return card;
}

function showResult({ result, processing_time_ms }) {
  const { confidence_interval: interval, claims, agreement, judges } = result;
  const range = interval
    ? `${Math.round(interval.level * 100)} % interval ${number(interval.lower)} to ${number(interval.upper)}`
    : `no interval: ${(result.confidence_interval_reason ?? "undefined").replaceAll("_", " ")}`;
  const figures = [
    ["Consensus", number(result.consensus_score), range],
    ["Hallucination", number(result.hallucination_score), "0 none, 100 all"],
    ["Claims", `${claims.supported} of ${claims.total}`, `supported; ${claims.refuted} refuted, ${claims.not_enough_info} open`],
    ["Agreement", number(agreement.krippendorff_alpha, 2), agreement.interpretation ?? (agreement.undefined_because ?? "").replaceAll("_", " ")],
    ["Judges", `${judges.completed} of ${judges.requested}`, judges.failed ? `${judges.failed} failed` : "none failed"],
    ["Reliability", result.reliability, `${(processing_time_ms / 1000).toFixed(2)} s`],
  ];
  at("figures").replaceChildren(
    ...figures.map(([name, value, note]) =>
      make("div", "", make("dt", "", name), make("dd", "", value, make("small", "", note))),
    ),
  );
  at("reliability").textContent = result.reliability_reasons.join("; ");
  at("result").hidden = false;
}
