-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.
DROP TABLE usage_days;
DELETE FROM flagged_issues WHERE issue_type = 'injection_suspected';
ALTER TABLE flagged_issues DROP CONSTRAINT flagged_issues_issue_type_check;
ALTER TABLE flagged_issues ADD CONSTRAINT flagged_issues_issue_type_check
    CHECK (issue_type IN ('factual_error', 'hallucination', 'unsupported_claim', 'temporal_inconsistency', 'numerical_error', 'bias'));
ALTER TABLE flagged_issues DROP COLUMN unmatched_quote;
ALTER TABLE judge_results DROP COLUMN details;
ALTER TABLE judge_results DROP COLUMN failure;
