ALTER TABLE nodes DROP COLUMN bus_deaf;
