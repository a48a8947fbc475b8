-- PostgreSQL. The twin of migrations/sqlite: same tables, same columns, same order.
DROP TABLE security_events;
