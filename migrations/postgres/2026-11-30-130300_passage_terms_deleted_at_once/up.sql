-- PostgreSQL. Here a deleted row takes its terms with it; what is left of either goes with VACUUM.
SELECT 1;
