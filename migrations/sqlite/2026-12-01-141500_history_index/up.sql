-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- The full-text index of the history (store::search_index). An entry has the terms of an evaluation's texts, or of its
-- name, tags and notes. It keeps them beside the index, because FTS5 takes out only what it is told.
CREATE TABLE search_entries (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    part TEXT NOT NULL,
    -- Distances between ascending numbers, in groups of seven bits (SearchTerms::encode).
    terms BLOB NOT NULL,
    UNIQUE (session_id, part)
);
CREATE VIRTUAL TABLE search_terms USING fts5 (terms, content = '', detail = none, columnsize = 0, tokenize = ascii);
INSERT INTO search_terms (search_terms, rank) VALUES ('secure-delete', 1);
-- Small pages, since taking out a term writes its page anew.
INSERT INTO search_terms (search_terms, rank) VALUES ('pgsz', 1000);

-- Whether the entries are what they should be. What a release before this one creates is indexed later, and so is what
-- it changes: it does not know the column.
ALTER TABLE evaluation_sessions ADD COLUMN search_indexed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX evaluation_sessions_unindexed ON evaluation_sessions (user_id, id) WHERE NOT search_indexed;
CREATE TRIGGER evaluation_previews_annotated AFTER UPDATE OF name, notes ON evaluation_previews BEGIN
    UPDATE evaluation_sessions SET search_indexed = FALSE WHERE id = NEW.session_id;
END;
