DROP INDEX refresh_tokens_by_spending;
DROP INDEX evaluation_sessions_by_end;
DROP INDEX evaluation_sessions_by_creation;
ALTER TABLE collections DROP COLUMN bytes;
ALTER TABLE evaluation_sessions DROP COLUMN purged_seq;
ALTER TABLE evaluation_sessions DROP COLUMN stored_bytes;
DELETE FROM users WHERE id = '00000000-0000-0000-0000-000000000000';
