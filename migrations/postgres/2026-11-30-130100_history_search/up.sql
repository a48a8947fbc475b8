-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- What a list shows of an evaluation, and what a search looks at before it reads the texts themselves:
-- search_filter has a bit for each sequence of one to three characters of the texts (store::search). It
-- is null until the program has made it.
CREATE TABLE evaluation_previews (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    source_preview TEXT NOT NULL,
    candidate_preview TEXT NOT NULL,
    search_filter BYTEA
);
-- Its bits are as good as random: there is nothing to compress.
ALTER TABLE evaluation_previews ALTER COLUMN search_filter SET STORAGE EXTERNAL;
INSERT INTO evaluation_previews
    SELECT session_id, substr(source_text, 1, 160), substr(candidate_output, 1, 160), NULL FROM evaluation_texts;
CREATE INDEX evaluation_previews_unfiltered ON evaluation_previews (session_id) WHERE search_filter IS NULL;
ALTER TABLE evaluation_texts DROP COLUMN search_text;
