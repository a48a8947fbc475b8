DROP TABLE preferences;
DROP TABLE feedback;
DROP TABLE shares;
