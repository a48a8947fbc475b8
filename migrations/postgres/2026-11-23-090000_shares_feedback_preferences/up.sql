-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- A link to read an evaluation with. Its token is known to whoever has the link, and to nobody else.
CREATE TABLE shares (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL CONSTRAINT shares_token_hash_key UNIQUE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX shares_by_session ON shares (session_id, created_at);
CREATE INDEX shares_by_expiry ON shares (expires_at);

-- What a person says of a claim, or of the whole: a label, or a score.
CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    claim_id TEXT REFERENCES claims (id) ON DELETE CASCADE,
    label TEXT CHECK (label IN ('SUPPORTED', 'REFUTED', 'NOT_ENOUGH_INFO')),
    score DOUBLE PRECISION CHECK (score BETWEEN 0 AND 100),
    comment TEXT,
    created_at TIMESTAMP NOT NULL,
    CHECK ((label IS NULL) <> (score IS NULL))
);
CREATE INDEX feedback_by_session ON feedback (session_id, created_at);
CREATE INDEX feedback_by_claim ON feedback (claim_id);

-- object is JSON.
CREATE TABLE preferences (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    object TEXT NOT NULL
);
