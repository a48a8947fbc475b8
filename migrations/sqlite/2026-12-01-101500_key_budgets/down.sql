ALTER TABLE api_keys DROP COLUMN day_usd;
ALTER TABLE api_keys DROP COLUMN day_tokens;
