-- SQLite. The full-text index keeps what it has indexed, so that it can take it out again: one without
-- content only marks as deleted, and the terms stay in the file. The terms are read back from the index.
CREATE VIRTUAL TABLE passage_terms_read USING fts5vocab(passage_terms, instance);
CREATE TABLE passage_terms_moved AS
    SELECT doc AS id,
        group_concat(term, '-' ORDER BY "offset") FILTER (WHERE col = 'scope') AS scope,
        group_concat(term, ' ' ORDER BY "offset") FILTER (WHERE col = 'terms') AS terms
    FROM passage_terms_read GROUP BY doc;
DROP TABLE passage_terms_read;
DROP TABLE passage_terms;
CREATE VIRTUAL TABLE passage_terms USING fts5 (scope, terms, tokenize = "ascii tokenchars '_'");
INSERT INTO passage_terms (passage_terms, rank) VALUES ('secure-delete', 1);
INSERT INTO passage_terms (rowid, scope, terms)
    SELECT id, scope, terms FROM passage_terms_moved WHERE id IN (SELECT id FROM collection_passages);
DROP TABLE passage_terms_moved;
