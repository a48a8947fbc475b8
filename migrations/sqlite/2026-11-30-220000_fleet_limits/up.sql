-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- Of several nodes; a file has one, and none of these is written there.

-- How far each allowance is used up.
CREATE TABLE fleet_rates (
    key TEXT NOT NULL PRIMARY KEY,
    tat BIGINT NOT NULL
);

-- What is at which node: the connections of a user, the members of a session.
CREATE TABLE fleet_presence (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, node_id)
);
CREATE INDEX fleet_presence_by_node ON fleet_presence (node_id);

-- What live runs may still use of their day's budgets beside what their stored reports have used.
CREATE TABLE usage_grants (
    session_id TEXT NOT NULL PRIMARY KEY REFERENCES evaluation_sessions (id) ON DELETE CASCADE,
    run_id TEXT NOT NULL,
    fence BIGINT NOT NULL,
    day TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    cost_usd DOUBLE NOT NULL
);
CREATE INDEX usage_grants_by_day ON usage_grants (day);
