-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- A key with which a program comes in a user's name. The key itself is told once and not kept: it has 256 random
-- bits, so its SHA-256 can't be searched for. scopes and addresses are lists with commas; no addresses: from
-- anywhere.
CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key_hash TEXT NOT NULL CONSTRAINT api_keys_key_hash_key UNIQUE,
    prefix TEXT NOT NULL,
    scopes TEXT NOT NULL,
    addresses TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP,
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX api_keys_by_user ON api_keys (user_id, created_at);
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX api_keys_by_revocation ON api_keys (revoked_at) WHERE revoked_at IS NOT NULL;

-- The key by which a run was started; null: by a login. No reference: what a key did outlives it.
ALTER TABLE evaluation_runs ADD COLUMN api_key_id TEXT;

-- The part of a user's day (usage_days) that runs started by one key used.
CREATE TABLE api_key_usage_days (
    api_key_id TEXT NOT NULL,
    day TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    calls BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE NOT NULL,
    PRIMARY KEY (api_key_id, day)
);
CREATE INDEX api_key_usage_days_by_user ON api_key_usage_days (user_id);
