-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- failure is why there is no score, details a JSON object: how a language model's answer came about.
ALTER TABLE judge_results ADD COLUMN failure TEXT;
ALTER TABLE judge_results ADD COLUMN details TEXT;

-- SQLite can't change a CHECK: a new table takes the old one's rows.
CREATE TABLE flagged_issues_new (
    run_id TEXT NOT NULL,
    judge_name TEXT NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    issue_type TEXT NOT NULL CHECK (issue_type IN ('factual_error', 'hallucination', 'unsupported_claim', 'temporal_inconsistency', 'numerical_error', 'bias', 'injection_suspected')),
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    description TEXT NOT NULL,
    span_start BIGINT,
    span_end BIGINT,
    unmatched_quote TEXT,
    PRIMARY KEY (run_id, judge_name, position),
    FOREIGN KEY (run_id, judge_name) REFERENCES judge_results (run_id, judge_name) ON DELETE CASCADE
);
INSERT INTO flagged_issues_new
    SELECT run_id, judge_name, position, issue_type, severity, description, span_start, span_end, NULL FROM flagged_issues;
DROP TABLE flagged_issues;
ALTER TABLE flagged_issues_new RENAME TO flagged_issues;

-- What a user's judges used on a day (UTC). It outlives the evaluations, which their user can delete:
-- budgets are held against it.
CREATE TABLE usage_days (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    calls BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE NOT NULL,
    PRIMARY KEY (user_id, day)
);
