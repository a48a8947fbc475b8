-- SQLite. The twin of migrations/postgres.

-- Sums over judges read these columns alone, and none of the long texts between them.
CREATE INDEX judge_results_figures ON judge_results (
    run_id, judge_name, kind, status, failure, score, confidence, response_time_ms,
    prompt_tokens, completion_tokens, cost_usd
);
