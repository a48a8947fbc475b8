DROP INDEX evaluation_sessions_by_probability;
ALTER TABLE evaluation_sessions DROP COLUMN cost_usd;
ALTER TABLE evaluation_sessions DROP COLUMN claims_not_enough_info;
ALTER TABLE evaluation_sessions DROP COLUMN claims_refuted;
ALTER TABLE evaluation_sessions DROP COLUMN claims_supported;
ALTER TABLE evaluation_sessions DROP COLUMN probability;
DROP TABLE evaluation_tags;
ALTER TABLE evaluation_previews DROP COLUMN notes;
ALTER TABLE evaluation_previews DROP COLUMN name;
