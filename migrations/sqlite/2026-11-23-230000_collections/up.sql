-- A user's own knowledge, for retrieval.
CREATE TABLE collections (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    documents BIGINT NOT NULL DEFAULT 0,
    passages BIGINT NOT NULL DEFAULT 0,
    chars BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX collections_of_user ON collections (user_id, id);

CREATE TABLE collection_documents (
    id TEXT NOT NULL PRIMARY KEY,
    collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    -- In which its words were stemmed.
    language TEXT NOT NULL,
    chars BIGINT NOT NULL,
    passages BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX collection_documents_of_collection ON collection_documents (collection_id, id);

CREATE TABLE collection_passages (
    id INTEGER NOT NULL PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES collection_documents (id) ON DELETE CASCADE,
    -- UTF-16 code units of the document's text.
    span_start BIGINT NOT NULL,
    span_end BIGINT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX collection_passages_of_document ON collection_passages (document_id);

-- The full-text index: rowid is the passage's id, `scope` names its collection, `terms` are stems. It
-- holds no text of its own.
CREATE VIRTUAL TABLE passage_terms USING fts5 (
    scope, terms, content = '', contentless_delete = 1, tokenize = "ascii tokenchars '_'"
);
CREATE TRIGGER passage_terms_of_deleted AFTER DELETE ON collection_passages BEGIN
    DELETE FROM passage_terms WHERE rowid = old.id;
END;
