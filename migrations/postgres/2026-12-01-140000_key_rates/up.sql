-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- How many requests a minute may be made with a key; null: no rate of its own.
ALTER TABLE api_keys ADD COLUMN per_minute BIGINT;
