-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- What the owner calls an evaluation, and notes of it. Beside the previews: no append writes this row.
ALTER TABLE evaluation_previews ADD COLUMN name TEXT;
ALTER TABLE evaluation_previews ADD COLUMN notes TEXT;

-- The owner's tags. The key finds those of one evaluation, and whether it has a certain one.
CREATE TABLE evaluation_tags (
    session_id TEXT NOT NULL REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (session_id, tag)
);

-- Of the last run's result, for lists and sums that need not read all of it: the probability that all holds, the
-- claims by label, and the price in US dollars. Null before a run completed.
ALTER TABLE evaluation_sessions ADD COLUMN probability DOUBLE;
ALTER TABLE evaluation_sessions ADD COLUMN claims_supported BIGINT;
ALTER TABLE evaluation_sessions ADD COLUMN claims_refuted BIGINT;
ALTER TABLE evaluation_sessions ADD COLUMN claims_not_enough_info BIGINT;
ALTER TABLE evaluation_sessions ADD COLUMN cost_usd DOUBLE;
UPDATE evaluation_sessions SET (probability, claims_supported, claims_refuted, claims_not_enough_info, cost_usd) =
    (SELECT json_extract(result, '$.faithfulness.probability'), json_extract(result, '$.claims.supported'),
            json_extract(result, '$.claims.refuted'), json_extract(result, '$.claims.not_enough_info'),
            json_extract(result, '$.usage.cost_usd')
        FROM evaluation_runs WHERE evaluation_runs.id = evaluation_sessions.run_id)
    WHERE status = 'completed';
CREATE INDEX evaluation_sessions_by_probability ON evaluation_sessions (user_id, probability, id);
