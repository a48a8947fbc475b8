ALTER TABLE api_keys DROP COLUMN per_minute;
