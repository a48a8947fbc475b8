-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- The processes that share the database. beat goes up while one works; the others find by it who has died.
CREATE TABLE nodes (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    release TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    application_name TEXT NOT NULL,
    beat BIGINT NOT NULL DEFAULT 0,
    draining BOOLEAN NOT NULL DEFAULT FALSE,
    places BIGINT NOT NULL,
    at_work BIGINT NOT NULL DEFAULT 0,
    connections BIGINT NOT NULL DEFAULT 0,
    signing_key_id TEXT NOT NULL,
    config_digest TEXT NOT NULL
);

-- Of the live run: the node that works on it, null where nobody does; how often that has changed, which every
-- append names; when its time is over; a wish to end it; how many of its owners have died since it last
-- came further. The reference keeps a node that was taken for dead from becoming an owner.
ALTER TABLE evaluation_sessions ADD COLUMN owner TEXT REFERENCES nodes (id);
ALTER TABLE evaluation_sessions ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evaluation_sessions ADD COLUMN ends_at TIMESTAMP;
ALTER TABLE evaluation_sessions ADD COLUMN stop TEXT;
ALTER TABLE evaluation_sessions ADD COLUMN orphaned BIGINT NOT NULL DEFAULT 0;

-- Nobody's runs, by age and by their end, and a node's own. No column that an append writes.
CREATE INDEX evaluation_sessions_due ON evaluation_sessions (started_at, id)
    WHERE status = 'in_progress' AND owner IS NULL;
CREATE INDEX evaluation_sessions_due_by_end ON evaluation_sessions (ends_at)
    WHERE status = 'in_progress' AND owner IS NULL;
CREATE INDEX evaluation_sessions_by_owner ON evaluation_sessions (owner) WHERE owner IS NOT NULL;
