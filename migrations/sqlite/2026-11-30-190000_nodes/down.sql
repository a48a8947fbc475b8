DROP INDEX evaluation_sessions_by_owner;
DROP INDEX evaluation_sessions_due_by_end;
DROP INDEX evaluation_sessions_due;
ALTER TABLE evaluation_sessions DROP COLUMN orphaned;
ALTER TABLE evaluation_sessions DROP COLUMN stop;
ALTER TABLE evaluation_sessions DROP COLUMN ends_at;
ALTER TABLE evaluation_sessions DROP COLUMN fence;
ALTER TABLE evaluation_sessions DROP COLUMN owner;
DROP TABLE nodes;
