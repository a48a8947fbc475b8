-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- failure is why there is no score, details a JSON object: how a language model's answer came about.
ALTER TABLE judge_results ADD COLUMN failure TEXT;
ALTER TABLE judge_results ADD COLUMN details TEXT;

ALTER TABLE flagged_issues ADD COLUMN unmatched_quote TEXT;
ALTER TABLE flagged_issues DROP CONSTRAINT flagged_issues_issue_type_check;
ALTER TABLE flagged_issues ADD CONSTRAINT flagged_issues_issue_type_check
    CHECK (issue_type IN ('factual_error', 'hallucination', 'unsupported_claim', 'temporal_inconsistency', 'numerical_error', 'bias', 'injection_suspected'));

-- What a user's judges used on a day (UTC). It outlives the evaluations, which their user can delete:
-- budgets are held against it.
CREATE TABLE usage_days (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    calls BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (user_id, day)
);
