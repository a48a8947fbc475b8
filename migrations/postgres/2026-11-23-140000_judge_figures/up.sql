-- PostgreSQL. The twin of migrations/sqlite, which needs it more: long texts are kept apart here, but
-- not the middling ones.
CREATE INDEX judge_results_figures ON judge_results (run_id, judge_name)
    INCLUDE (kind, status, failure, score, confidence, response_time_ms,
        prompt_tokens, completion_tokens, cost_usd);
