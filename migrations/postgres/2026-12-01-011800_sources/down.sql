ALTER TABLE evaluation_texts DROP COLUMN sources;
