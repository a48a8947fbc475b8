// Results as a server would give them, the same on every machine: what the judges of this build say does not matter here.

const LABELS = ["SUPPORTED", "SUPPORTED", "REFUTED", "SUPPORTED", "NOT_ENOUGH_INFO", "SUPPORTED", "SUPPORTED", "SUPPORTED", "NOT_ENOUGH_INFO", "SUPPORTED", "SUPPORTED"];
const CHANCES = { SUPPORTED: [0.92, 0.03, 0.05], REFUTED: [0.04, 0.91, 0.05], NOT_ENOUGH_INFO: [0.11, 0.12, 0.77] };
const JUDGES = ["neural", "facts", "logic", "lexical"];

const probability = (label) => {
  const [supported, refuted, not_enough_info] = CHANCES[label];
  return { supported, refuted, not_enough_info };
};

/** An output of so many claims over a source of about so many characters, as a finished evaluation of this one. */
export function finished(evaluation, { claims: number = 11, chars = 1_000 } = {}) {
  const sentences = [];
  for (let pier = 1, length = 0; length < chars || pier <= number; pier += 1) {
    sentences.push(`Pier ${pier} of the harbour is ${pier + 40} metres long and was built in ${1900 + (pier % 100)}.${pier % 8 === 0 ? "\n" : " "}`);
    length += sentences.at(-1).length;
  }
  const source = sentences.join("").slice(0, Math.max(chars, 200));
  const starts = [];
  for (let at = 0, pier = 0; pier < number; at += sentences[pier].length, pier += 1) starts.push(at);
  let output = "";
  const claims = Array.from({ length: number }, (_, place) => {
    const label = LABELS[place % LABELS.length];
    const text = `Pier ${place + 1} is ${label === "REFUTED" ? 140 : place + 41} metres long${label === "NOT_ENOUGH_INFO" ? " and made of oak" : ""}.`;
    const span = { start: output.length, end: output.length + text.length };
    output += `${text} `;
    return {
      id: `0197c2a0-1f00-7000-8000-${String(place).padStart(12, "0")}`,
      index: place,
      text,
      type: "numerical",
      span,
      label,
      confidence: Math.max(...CHANCES[label]),
      probability: probability(label),
      verifier_label: label,
      evidence: [
        { text: sentences[place].trim(), span: { start: starts[place], end: starts[place] + sentences[place].trimEnd().length }, source: "source_text" },
      ],
      reasoning: label === "REFUTED" ? `the source says ${place + 41} metres, the claim says 140 metres` : "the source has its words and its number",
    };
  });
  const judges = JUDGES.map((judge_name, which) => ({
    judge_name,
    kind: judge_name,
    model: `${judge_name}/1`,
    status: "completed",
    score: [71.2, 64.5, 93.1, 80.4][which],
    confidence: 0.8,
    reasoning: "most claims hold by their numbers",
    flagged_issues: which === 1 ? [{ type: "numerical_error", severity: "high", description: "140 metres is not what the source says" }] : [],
    claim_verdicts: claims.map(({ id, label }, place) => ({ claim_id: id, label: which === 2 && label === "REFUTED" ? "SUPPORTED" : label, confidence: 0.8, place })),
    response_time_ms: 12 + which,
    attempts: 1,
  }));
  const count = (label) => claims.filter((claim) => claim.label === label).length;
  const moment = "2026-11-30T12:00:00.000Z";
  return {
    ...evaluation,
    status: "completed",
    source_text: source,
    candidate_output: output.trimEnd(),
    question: "How long are the piers?",
    created_at: moment,
    started_at: moment,
    completed_at: moment,
    claims,
    judges,
    error: null,
    result: {
      outcome: "checked",
      faithfulness: { probability: 0.03, flagged: true, threshold: 0.45, basis: "built-in/1", interval: { level: 0.95, lower: 0.003, upper: 0.225, method: "texts" } },
      consensus_score: 76.3,
      hallucination_score: 31.4,
      hallucination_components: { inverse_consensus: 0.24, verification: 0.18, issues: 0.125, confidence: 0.2 },
      hallucination_breakdown: { numerical_error: 1 },
      confidence_interval: { level: 0.95, lower: 51.2, upper: 100, method: "student_t", n: 4, n_effective: 2.1 },
      inter_judge_agreement: 0.91,
      agreement: { raw: 0.95, fleiss_kappa: 0.88, krippendorff_alpha: 0.88, gwet_ac1: 0.93, items: number, raters: 4, interpretation: "almost_perfect" },
      statistics: { variance: 152.1, standard_deviation: 12.3, mean: 77.3, median: 75.8, min: 64.5, max: 93.1, q1: 69.5, q3: 83.6 },
      mean_confidence: 0.8,
      claims: { total: number, supported: count("SUPPORTED"), refuted: count("REFUTED"), not_enough_info: count("NOT_ENOUGH_INFO"), supported_interval: { lower: 0.43, upper: 0.9 } },
      non_claims: [],
      judges: { requested: 4, completed: 4, failed: 0 },
      aggregation_strategy: "weighted_average",
      reliability: "medium",
      reliability_reasons: ["verdict_confidence_below_0.9"],
    },
  };
}

/** The same while it runs: some claims are decided, one judge was heard. */
export const running = (told) => ({
  ...told,
  status: "in_progress",
  completed_at: null,
  result: null,
  claims: told.claims.slice(0, 6),
  judges: told.judges.slice(0, 1),
});

/** The same where no judge gave a score. */
export const failed = (told) => ({
  ...told,
  status: "failed",
  result: null,
  judges: [],
  error: { error_type: "all_judges_failed", message: "no judge gave a score", recovery_suggestions: ["run it again", "ask other judges"], fatal: true, retryable: true },
});

/** The same where the output states nothing. */
export const nothingToCheck = (told) => ({
  ...told,
  candidate_output: "The source does not say.",
  claims: [],
  judges: told.judges.map((judge) => ({ ...judge, status: "abstained", score: null, confidence: null, claim_verdicts: [], flagged_issues: [] })),
  result: {
    ...told.result,
    outcome: "nothing_to_check",
    outcome_reason: "abstained",
    faithfulness: null,
    consensus_score: null,
    hallucination_score: null,
    hallucination_components: null,
    hallucination_breakdown: {},
    confidence_interval: null,
    confidence_interval_reason: "nothing_to_check",
    statistics: null,
    mean_confidence: null,
    claims: { total: 0, supported: 0, refuted: 0, not_enough_info: 0, supported_interval: null },
    reliability: "unknown",
    reliability_reasons: ["no_claims"],
  },
});

/** The same of two named sources, the second of which has the sentences from the fourth on; the third claim cites the first, and nothing. */
export function ofTwoSources(told) {
  const at = told.source_text.indexOf("Pier 4 ");
  const [first, second] = [told.source_text.slice(0, at).trimEnd(), told.source_text.slice(at)];
  const begin = first.length + 2;
  const cited = { claim_id: told.claims[2].id, span: { start: 0, end: 1 }, confidence: 0.91 };
  return {
    ...told,
    source_text: `${first}\n\n${second}`,
    sources: [
      { name: "Harbour survey", span: { start: 0, end: first.length } },
      { name: "minutes.md", span: { start: begin, end: begin + second.length } },
    ],
    claims: told.claims.map((claim) => ({
      ...claim,
      evidence: claim.evidence.map(({ span: { start, end }, ...piece }) =>
        start < at ? { ...piece, source: "Harbour survey", span: { start, end } } : { ...piece, source: "minutes.md", span: { start: start - at, end: end - at } },
      ),
    })),
    result: {
      ...told.result,
      citations: { total: 2, issues: [], items: [{ ...cited, source: "Harbour survey", label: "REFUTED" }, { ...cited, source: null, label: null, confidence: null }] },
    },
  };
}

/** What a month of audits says together, with days without any. */
export function month() {
  const days = Array.from({ length: 30 }, (_, at) => new Date(Date.UTC(2026, 10, 1 + at)).toISOString().slice(0, 10));
  const busy = days.filter((_, at) => at % 7 < 5 && (at < 10 || at > 13));
  const wave = (at, from, by) => from + by * Math.sin(at * 0.9);
  const claims = (at) => ({ supported: 40 + ((at * 7) % 12), refuted: 4 + ((at * 5) % 7), not_enough_info: 6 + ((at * 3) % 5) });
  const judge = (judge_name, mean_score, at) => ({
    judge_name,
    kind: judge_name,
    results: 96,
    completed: 94 - at,
    failed: at,
    abstained: 2,
    mean_score,
    mean_confidence: 0.71 + at / 50,
    mean_response_time_ms: 14 + 9 * at,
    prompt_tokens: 0,
    completion_tokens: 0,
    cost_usd: 0,
    by_day: busy.map((day, place) => ({ day, results: 5, mean_score: wave(place + 2 * at, mean_score, 9) })),
  });
  return {
    days: 30,
    from: days[0],
    to: days.at(-1),
    evaluations: { total: 98, completed: 96, failed: 1, cancelled: 1 },
    mean_consensus_score: 74.2,
    mean_hallucination_score: 28.9,
    mean_probability: 0.41,
    claims: { supported: 871, refuted: 132, not_enough_info: 160 },
    by_day: busy.map((day, at) => ({
      day,
      evaluations: 5,
      mean_consensus_score: wave(at, 74, 8),
      mean_hallucination_score: wave(at + 3, 29, 7),
      mean_probability: wave(at, 0.41, 0.12),
      claims: claims(at),
    })),
    by_judge: JUDGES.map((name, at) => judge(name, 88 - 8 * at, at)),
    compared: 96,
    disagreements: [
      { judges: ["facts", "neural"], claims: 1163, disagreed: 209, share: 0.18 },
      { judges: ["lexical", "logic"], claims: 1163, disagreed: 93, share: 0.08 },
    ],
    mean_agreement: 0.83,
  };
}

/** From now on the page is told this of an evaluation of its own, which another client has made. */
export async function showFinished(page, address, other, shape) {
  const made = await other.post("/evaluations", { source_text: "The piers are long.", candidate_output: "The piers are long.", config: { judges: ["lexical"] } });
  const told = shape?.twoSources ? ofTwoSources(finished(made, shape)) : finished(made, shape);
  await page.route(`**/api/v1/evaluations/${made.id}`, (route) => (route.request().method() === "GET" ? route.fulfill({ json: told }) : route.continue()));
  await page.route(`**/api/v1/evaluations/${made.id}/events*`, (route) => route.fulfill({ json: { epoch: made.epoch, events: [], last_seq: made.last_seq } }));
  return { told, path: `${address}/#/audits/${made.id}` };
}
