ALTER TABLE claim_verdicts DROP COLUMN final_probability;
ALTER TABLE claim_verdicts DROP COLUMN final_confidence;
ALTER TABLE claim_verdicts DROP COLUMN final_label;
ALTER TABLE claim_verdicts DROP COLUMN probability;
