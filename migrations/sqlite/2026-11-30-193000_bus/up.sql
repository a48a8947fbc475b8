-- SQLite. The twin of migrations/postgres: same tables, same columns, same order.

-- A node that may not hear what the others tell, and not be heard: while there is one, all look more often.
ALTER TABLE nodes ADD COLUMN bus_deaf BOOLEAN NOT NULL DEFAULT FALSE;
