-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.

-- Where several sources give the text: what each is called, and where it stands in source_text, as JSON.
ALTER TABLE evaluation_texts ADD COLUMN sources TEXT;
