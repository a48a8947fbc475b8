DROP TRIGGER evaluation_previews_annotated ON evaluation_previews;
DROP FUNCTION evaluation_previews_annotated();
DROP INDEX evaluation_sessions_unindexed;
ALTER TABLE evaluation_sessions DROP COLUMN search_indexed;
DROP TABLE search_entries;
