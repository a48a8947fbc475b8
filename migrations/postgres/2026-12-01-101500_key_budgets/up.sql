-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- What the runs and checks of a key may use of one day (UTC), beside the budgets of its user; null: no budget of its
-- own.
ALTER TABLE api_keys ADD COLUMN day_tokens BIGINT;
ALTER TABLE api_keys ADD COLUMN day_usd DOUBLE PRECISION;
