-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.
DROP TABLE session_events;
DROP TABLE flagged_issues;
DROP TABLE judge_results;
DROP TABLE claim_verdicts;
DROP TABLE claims;
DROP TABLE evaluation_runs;
DROP TABLE idempotency_keys;
DROP TABLE evaluation_texts;
DROP TABLE evaluation_sessions;
DROP TABLE refresh_tokens;
DROP TABLE token_families;
DROP TABLE users;
