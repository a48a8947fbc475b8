-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- An account that is disabled can't be logged in to. One whose removal has begun is disabled too, until its
-- texts, and with the last of them its row, are gone.
ALTER TABLE users ADD COLUMN disabled_at TIMESTAMP;
ALTER TABLE users ADD COLUMN removal_at TIMESTAMP;
CREATE INDEX users_in_removal ON users (removal_at) WHERE removal_at IS NOT NULL;

-- Of a spent token: which request of its client spent it, and the token that took its place. A client
-- whose answer was lost repeats that request and gets another successor.
ALTER TABLE refresh_tokens ADD COLUMN request_hash TEXT;
ALTER TABLE refresh_tokens ADD COLUMN successor_hash TEXT;

-- Whether a link shows what the evaluation found in its owner's collections.
ALTER TABLE shares ADD COLUMN show_documents BOOLEAN NOT NULL DEFAULT FALSE;

-- What all users' judges used on a day (UTC). It outlives the accounts, which their users can delete: the budget
-- that all share is held against it.
CREATE TABLE usage_totals (
    day TEXT NOT NULL PRIMARY KEY,
    calls BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL
);
INSERT INTO usage_totals (day, calls, prompt_tokens, completion_tokens, cost_usd)
    SELECT day, SUM(calls), SUM(prompt_tokens), SUM(completion_tokens), SUM(cost_usd) FROM usage_days GROUP BY day;
