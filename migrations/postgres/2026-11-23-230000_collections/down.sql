DROP TABLE passage_terms;
DROP TABLE collection_passages;
DROP TABLE collection_documents;
DROP TABLE collections;
