-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.
DROP TABLE usage_days;
CREATE TABLE flagged_issues_old (
    run_id TEXT NOT NULL,
    judge_name TEXT NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    issue_type TEXT NOT NULL CHECK (issue_type IN ('factual_error', 'hallucination', 'unsupported_claim', 'temporal_inconsistency', 'numerical_error', 'bias')),
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    description TEXT NOT NULL,
    span_start BIGINT,
    span_end BIGINT,
    PRIMARY KEY (run_id, judge_name, position),
    FOREIGN KEY (run_id, judge_name) REFERENCES judge_results (run_id, judge_name) ON DELETE CASCADE
);
INSERT INTO flagged_issues_old
    SELECT run_id, judge_name, position, issue_type, severity, description, span_start, span_end FROM flagged_issues
    WHERE issue_type <> 'injection_suspected';
DROP TABLE flagged_issues;
ALTER TABLE flagged_issues_old RENAME TO flagged_issues;
ALTER TABLE judge_results DROP COLUMN details;
ALTER TABLE judge_results DROP COLUMN failure;
