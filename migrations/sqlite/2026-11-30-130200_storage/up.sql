-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- What was deleted belongs to this account until it has been removed piece by piece (store::trash). Nobody
-- can log in to it: no user name is empty, and its password hash is none.
INSERT INTO users (id, username, username_lower, email, email_lower, password_hash, created_at)
    VALUES ('00000000-0000-0000-0000-000000000000', '', '', '', '', '', '1970-01-01 00:00:00');
INSERT INTO collections (id, user_id, name, created_at)
    VALUES ('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', '', '1970-01-01 00:00:00');

-- stored_bytes is what counts for the owner's quota: texts, log, comments. Events up to purged_seq are gone.
ALTER TABLE evaluation_sessions ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE evaluation_sessions ADD COLUMN purged_seq BIGINT NOT NULL DEFAULT 0;
UPDATE evaluation_sessions SET stored_bytes =
    COALESCE((SELECT octet_length(source_text) + octet_length(candidate_output) FROM evaluation_texts
        WHERE session_id = evaluation_sessions.id), 0)
    + COALESCE((SELECT CAST(SUM(octet_length(frame)) AS BIGINT) FROM session_events WHERE session_id = evaluation_sessions.id), 0);
ALTER TABLE collections ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
UPDATE collections SET bytes =
    COALESCE((SELECT CAST(SUM(octet_length(text)) AS BIGINT) FROM collection_documents WHERE collection_id = collections.id), 0);

-- What retention looks for.
CREATE INDEX evaluation_sessions_by_creation ON evaluation_sessions (created_at);
CREATE INDEX evaluation_sessions_by_end ON evaluation_sessions (completed_at);
CREATE INDEX refresh_tokens_by_spending ON refresh_tokens (spent_at);
