DROP TABLE api_key_usage_days;
ALTER TABLE evaluation_runs DROP COLUMN api_key_id;
DROP TABLE api_keys;
