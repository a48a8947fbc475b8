CREATE TABLE passage_terms_moved AS SELECT rowid AS id, scope, terms FROM passage_terms;
DROP TABLE passage_terms;
CREATE VIRTUAL TABLE passage_terms USING fts5 (
    scope, terms, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_'"
);
INSERT INTO passage_terms (rowid, scope, terms) SELECT id, scope, terms FROM passage_terms_moved;
DROP TABLE passage_terms_moved;
