//! The passages of users' documents, and the database's own full-text index over them: FTS5 on
//! SQLite, a `tsvector` with a GIN index on PostgreSQL.
//!
//! Both index the same terms, which the caller prepares. An additional term identifies the
//! collection, so that a search only visits passages of that collection. FTS5 ranks by BM25.
//! PostgreSQL's ranking functions do not consider how rare a term is; there, the score of a passage
//! is the sum of the inverse document frequencies of its terms.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Double, Text};

use super::columns::{counter, read_id, read_span};
use super::schema::collection_passages;
use crate::domain::claim::Span;
use crate::domain::document::Retrieved;
use crate::domain::ids::CollectionId;
use crate::domain::verdict::DocumentPlace;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of rows in one statement.
const CHUNK: usize = 500;
/// Fraction of a collection's passages from which a term counts as common, and the number of
/// passages up to which none does.
const COMMON: f64 = 0.125;
const FEW: f64 = 500.0;
/// Weights are integers in thousandths, so that their sum does not depend on the order of addition.
const SCALE: f64 = 1000.0;

/// A passage that is about to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewPassage {
    /// Its position in the document.
    pub span: Span,
    /// The text of the document in that span.
    pub text: String,
    /// The terms that searches find: letters, digits and underscores, never empty.
    pub terms: Vec<String>,
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Text)]
    document_id: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = BigInt)]
    span_start: i64,
    #[diesel(sql_type = BigInt)]
    span_end: i64,
    #[diesel(sql_type = Double)]
    score: f64,
}

#[derive(QueryableByName)]
struct Frequency {
    #[diesel(sql_type = BigInt)]
    frequency: i64,
}

/// Returns the index term that identifies a collection. Other terms have no hyphen, so nobody can
/// place a passage in another user's collection by writing that term.
fn scope(collection: CollectionId) -> String {
    format!("collection-{}", collection.uuid().simple())
}

/// Stores a document's passages and indexes them.
pub(crate) fn insert(
    db: &mut Db,
    collection: CollectionId,
    document: &str,
    new: &[NewPassage],
) -> Result<(), StoreError> {
    let scope = scope(collection);
    for chunk in new.chunks(CHUNK) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|passage| {
                (
                    collection_passages::document_id.eq(document),
                    collection_passages::span_start.eq(counter(passage.span.start)),
                    collection_passages::span_end.eq(counter(passage.span.end)),
                    collection_passages::text.eq(&passage.text),
                )
            })
            .collect();
        match db {
            Db::Sqlite(c) => {
                for (row, passage) in rows.into_iter().zip(chunk) {
                    let id: i64 = diesel::insert_into(collection_passages::table)
                        .values(row)
                        .returning(collection_passages::id)
                        .get_result(c)?;
                    diesel::sql_query(
                        "INSERT INTO passage_terms (rowid, scope, terms) VALUES (?, ?, ?)",
                    )
                    .bind::<BigInt, _>(id)
                    .bind::<Text, _>(&scope)
                    .bind::<Text, _>(passage.terms.join(" "))
                    .execute(c)?;
                }
            }
            Db::Pg(c) => {
                let ids: Vec<i64> = diesel::insert_into(collection_passages::table)
                    .values(rows)
                    .returning(collection_passages::id)
                    .get_results(c)?;
                let terms: Vec<String> = chunk.iter().map(|it| it.terms.join(" ")).collect();
                diesel::sql_query(
                    "INSERT INTO passage_terms (passage_id, terms) \
                     SELECT id, array_to_tsvector(array_append( \
                     array_remove(string_to_array(terms, ' '), ''), $3)) \
                     FROM unnest($1, $2) AS new (id, terms)",
                )
                .bind::<Array<BigInt>, _>(ids)
                .bind::<Array<Text>, _>(terms)
                .bind::<Text, _>(&scope)
                .execute(c)?;
            }
        }
    }
    Ok(())
}

/// Returns the best `limit` passages of a collection for these terms, best first, each with a score
/// that is comparable only within this result. There may be fewer while passages of a deleted
/// document are being removed. The caller has checked that the user owns the collection.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn search(
    db: &mut Db,
    collection: CollectionId,
    passages: u64,
    terms: &[String],
    limit: i64,
) -> Result<Vec<(Retrieved, f64)>, StoreError> {
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<FoundRow> = match db {
        Db::Sqlite(c) => search_sqlite(c, collection, terms, limit)?,
        Db::Pg(c) => search_postgres(c, collection, passages, terms, limit)?,
    };
    rows.into_iter()
        .map(|row| {
            let place = DocumentPlace {
                collection_id: collection,
                document_id: read_id(&row.document_id)?,
            };
            let passage = Retrieved {
                place,
                name: row.name,
                text: row.text,
                span: read_span(row.span_start, row.span_end)?,
            };
            Ok((passage, row.score))
        })
        .collect()
}

/// Searches by the full-text index of SQLite, which ranks by BM25.
fn search_sqlite(
    c: &mut SqliteConnection,
    collection: CollectionId,
    terms: &[String],
    limit: i64,
) -> QueryResult<Vec<FoundRow>> {
    let scope = scope(collection);
    let quoted: Vec<String> = terms.iter().map(|term| format!("\"{term}\"")).collect();
    let query = format!("scope : \"{scope}\" AND terms : ({})", quoted.join(" OR "));
    diesel::sql_query(
        "SELECT document_id, name, passage.text AS text, span_start, span_end, score FROM ( \
         SELECT rowid AS id, -bm25(passage_terms, 0.0, 1.0) AS score FROM passage_terms \
         WHERE passage_terms MATCH ? ORDER BY score DESC, rowid LIMIT ?) AS found \
         JOIN collection_passages AS passage ON passage.id = found.id \
         JOIN collection_documents AS document ON document.id = passage.document_id \
         WHERE document.collection_id = ? ORDER BY score DESC, found.id",
    )
    .bind::<Text, _>(query)
    .bind::<BigInt, _>(limit)
    .bind::<Text, _>(collection.to_string())
    .load(c)
}

/// Searches by the text-search index of PostgreSQL, and ranks by the frequencies of the terms, which
/// PostgreSQL's own ranking does not know.
fn search_postgres(
    c: &mut PgConnection,
    collection: CollectionId,
    passages: u64,
    terms: &[String],
    limit: i64,
) -> QueryResult<Vec<FoundRow>> {
    let scope = scope(collection);
    let within: Vec<String> = terms
        .iter()
        .map(|term| format!("'{scope}' & '{term}'"))
        .collect();
    let frequencies: Vec<Frequency> = diesel::sql_query(
        "SELECT (SELECT count(*) FROM passage_terms WHERE terms @@ query::tsquery) AS frequency \
         FROM unnest($1) WITH ORDINALITY AS asked (query, place) ORDER BY place",
    )
    .bind::<Array<Text>, _>(within)
    .load(c)?;
    let weights: Vec<i64> = frequencies
        .iter()
        .map(|row| weight(passages, row.frequency))
        .collect();
    let quoted: Vec<String> = terms.iter().map(|term| format!("'{term}'")).collect();
    let any = format!(
        "'{scope}' & ({})",
        chosen(passages, &frequencies, &quoted).join(" | ")
    );
    diesel::sql_query(
        "SELECT document_id, name, passage.text AS text, span_start, span_end, \
         score::float8 / 1000 AS score FROM ( \
         SELECT passage_id AS id, sum(weight)::bigint AS score \
         FROM passage_terms, unnest($1, $2) AS asked (query, weight) \
         WHERE terms @@ $3::tsquery AND terms @@ query::tsquery \
         GROUP BY passage_id ORDER BY score DESC, passage_id LIMIT $4) AS found \
         JOIN collection_passages AS passage ON passage.id = found.id \
         JOIN collection_documents AS document ON document.id = passage.document_id \
         WHERE document.collection_id = $5 ORDER BY score DESC, found.id",
    )
    .bind::<Array<Text>, _>(quoted)
    .bind::<Array<BigInt>, _>(weights)
    .bind::<Text, _>(any)
    .bind::<BigInt, _>(limit)
    .bind::<Text, _>(collection.to_string())
    .load(c)
}

/// Returns the terms that select passages. Common terms are left out as long as there are others;
/// they only add to the score of passages that the others select.
fn chosen<'t>(passages: u64, frequencies: &[Frequency], terms: &'t [String]) -> Vec<&'t str> {
    let found = |most: f64| -> Vec<&str> {
        let terms = terms.iter().zip(frequencies);
        let fits = terms.filter(|(_, row)| row.frequency > 0 && row.frequency as f64 <= most);
        fits.map(|(term, _)| &**term).collect()
    };
    let rare = found((passages as f64 * COMMON).max(FEW));
    if rare.is_empty() {
        terms.iter().map(|term| &**term).collect()
    } else {
        rare
    }
}

/// Returns the inverse document frequency of BM25 (Robertson & Zaragoza 2009), in thousandths.
fn weight(passages: u64, frequency: i64) -> i64 {
    let (all, with) = (passages as f64, frequency as f64);
    let idf = ((all - with + 0.5).max(0.5) / (with + 0.5)).ln_1p();
    (SCALE * idf).round() as i64
}
