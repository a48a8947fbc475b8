-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- What the operator may have to account for. No reference to users or evaluations: an entry outlives
-- what it tells of. username is the account's own name, never what somebody typed.
CREATE TABLE security_events (
    id TEXT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT,
    username TEXT,
    address TEXT,
    subject TEXT,
    detail TEXT
);
CREATE INDEX security_events_by_age ON security_events (at, id);
CREATE INDEX security_events_by_user ON security_events (user_id, address, at);
