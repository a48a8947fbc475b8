DROP TRIGGER evaluation_previews_annotated;
DROP INDEX evaluation_sessions_unindexed;
ALTER TABLE evaluation_sessions DROP COLUMN search_indexed;
DROP TABLE search_terms;
DROP TABLE search_entries;
