-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.
-- Ids are UUIDs as text, times are UTC cut to microseconds, states are text that a CHECK closes.

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL CONSTRAINT users_username_lower_key UNIQUE,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL CONSTRAINT users_email_lower_key UNIQUE,
    password_hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE token_families (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX token_families_by_user ON token_families (user_id);
CREATE INDEX token_families_by_expiry ON token_families (expires_at);

CREATE TABLE refresh_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    family_id TEXT NOT NULL REFERENCES token_families (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    spent_at TIMESTAMP
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);

-- One row a session; the events of all its runs are numbered by last_seq. Small on purpose: it is
-- written with every event, so the texts live in evaluation_texts. progress is the current run's,
-- here because it is written with last_seq.
CREATE TABLE evaluation_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    status TEXT NOT NULL CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
    question TEXT,
    config TEXT NOT NULL,
    epoch TEXT NOT NULL,
    last_seq BIGINT NOT NULL CHECK (last_seq >= 0),
    progress DOUBLE,
    run_id TEXT,
    created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    consensus_score DOUBLE,
    hallucination_score DOUBLE,
    error_message TEXT
);
CREATE INDEX evaluation_sessions_by_age ON evaluation_sessions (user_id, created_at, id);
CREATE INDEX evaluation_sessions_by_consensus ON evaluation_sessions (user_id, consensus_score, id);
CREATE INDEX evaluation_sessions_by_hallucination ON evaluation_sessions (user_id, hallucination_score, id);
CREATE INDEX evaluation_sessions_by_status ON evaluation_sessions (user_id, status, created_at);
CREATE INDEX evaluation_sessions_live ON evaluation_sessions (started_at) WHERE status = 'in_progress';

-- search_text is both texts in lower case, folded by the program alike for both databases.
CREATE TABLE evaluation_texts (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    source_text TEXT NOT NULL,
    candidate_output TEXT NOT NULL,
    search_text TEXT NOT NULL
);

-- The reference is checked at commit: the key is claimed before the session exists.
CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_session ON idempotency_keys (session_id);

-- claim_count is null until the claims of the run are stored, and 0 if there were none.
CREATE TABLE evaluation_runs (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    client_request_id TEXT,
    status TEXT NOT NULL CHECK (status IN ('in_progress', 'completed', 'failed', 'cancelled')),
    started_at TIMESTAMP NOT NULL,
    completed_at TIMESTAMP,
    claim_count BIGINT CHECK (claim_count >= 0),
    result TEXT,
    error TEXT,
    CONSTRAINT evaluation_runs_client_request_key UNIQUE (session_id, client_request_id)
);

CREATE TABLE claims (
    id TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES evaluation_runs (id) ON DELETE CASCADE,
    position BIGINT NOT NULL CHECK (position >= 0),
    claim_type TEXT NOT NULL CHECK (claim_type IN ('factual', 'numerical', 'temporal', 'quotation', 'comparative', 'causal')),
    text TEXT NOT NULL,
    span_start BIGINT NOT NULL CHECK (span_start >= 0),
    span_end BIGINT NOT NULL CHECK (span_end >= span_start)
);
CREATE INDEX claims_by_run ON claims (run_id, position);

-- ordinal is the place in the order of decision, from 0. evidence is a JSON array.
CREATE TABLE claim_verdicts (
    claim_id TEXT NOT NULL PRIMARY KEY REFERENCES claims (id) ON DELETE CASCADE,
    run_id TEXT NOT NULL REFERENCES evaluation_runs (id) ON DELETE CASCADE,
    ordinal BIGINT NOT NULL CHECK (ordinal >= 0),
    label TEXT NOT NULL CHECK (label IN ('SUPPORTED', 'REFUTED', 'NOT_ENOUGH_INFO')),
    confidence DOUBLE NOT NULL,
    evidence TEXT NOT NULL,
    reasoning TEXT NOT NULL
);
CREATE INDEX claim_verdicts_by_run ON claim_verdicts (run_id, ordinal);

-- ordinal is the place in the order of hearing, from 0. claim_labels is a JSON array.
CREATE TABLE judge_results (
    run_id TEXT NOT NULL REFERENCES evaluation_runs (id) ON DELETE CASCADE,
    judge_name TEXT NOT NULL,
    ordinal BIGINT NOT NULL CHECK (ordinal >= 0),
    kind TEXT NOT NULL,
    model TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('completed', 'abstained', 'failed', 'timeout', 'rate_limited', 'unavailable')),
    score DOUBLE,
    confidence DOUBLE,
    reasoning TEXT NOT NULL,
    claim_labels TEXT NOT NULL,
    response_time_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    prompt_tokens BIGINT,
    completion_tokens BIGINT,
    cost_usd DOUBLE,
    error TEXT,
    PRIMARY KEY (run_id, judge_name)
);

CREATE TABLE flagged_issues (
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

-- frame is the text that went to the watchers, byte for byte; it is never written again. Rows lie in
-- the order of writing (no WITHOUT ROWID): a commit that serves hundreds of sessions then fills a few
-- pages instead of splitting one for each session.
CREATE TABLE session_events (
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL CHECK (seq > 0),
    kind TEXT NOT NULL,
    ts TIMESTAMP NOT NULL,
    frame TEXT NOT NULL,
    PRIMARY KEY (session_id, seq)
);
