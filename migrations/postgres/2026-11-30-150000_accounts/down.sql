DROP TABLE usage_totals;
ALTER TABLE shares DROP COLUMN show_documents;
ALTER TABLE refresh_tokens DROP COLUMN successor_hash;
ALTER TABLE refresh_tokens DROP COLUMN request_hash;
DROP INDEX users_in_removal;
ALTER TABLE users DROP COLUMN removal_at;
ALTER TABLE users DROP COLUMN disabled_at;
