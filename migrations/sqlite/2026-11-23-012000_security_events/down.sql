-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.
DROP TABLE security_events;
