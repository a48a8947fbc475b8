ALTER TABLE evaluation_texts ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
DROP TABLE evaluation_previews;
