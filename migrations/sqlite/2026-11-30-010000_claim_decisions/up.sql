-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- label and confidence stay the verifier's; the final ones are the panel's, once the run is complete.
-- Both probabilities are JSON objects.
ALTER TABLE claim_verdicts ADD COLUMN probability TEXT;
ALTER TABLE claim_verdicts ADD COLUMN final_label TEXT CHECK (final_label IN ('SUPPORTED', 'REFUTED', 'NOT_ENOUGH_INFO'));
ALTER TABLE claim_verdicts ADD COLUMN final_confidence DOUBLE;
ALTER TABLE claim_verdicts ADD COLUMN final_probability TEXT;
