//! The full-text index of the history: FTS5 on SQLite, a GIN index on PostgreSQL.
//!
//! An evaluation has two entries, so that its name, tags and notes can change without indexing its
//! texts anew. An entry keeps its terms: FTS5 takes out of its pages only what it is told, and what
//! is deleted must be gone from the file.
//!
//! `evaluation_sessions.search_indexed` tells whether the entries are what they should be. It is
//! false for evaluations of earlier releases and of nodes that still run one; triggers reset it when
//! such a node changes annotations. Until [`super::search::keep_indexed`] has indexed such an
//! evaluation, each search reads it.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Integer, Text};

use super::columns::counter;
use super::search_terms::{AskedTerms, SearchTerms};
use crate::domain::ids::UserId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of evaluations that a search looks up one by one. With more of them it walks the
/// history in its order, since it soon has a page.
pub(super) const FEW: usize = 500;

/// What of an evaluation an entry indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The source, the output and the question.
    Texts,
    /// The name, the tags and the notes.
    Annotations,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Texts => "texts",
            Self::Annotations => "annotations",
        }
    }
}

/// The evaluations of a user that may be what is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Among {
    /// All, since the index can't tell.
    All,
    /// These few.
    These(Vec<String>),
    /// Those that have these terms or aren't indexed yet: more than [`FEW`].
    Matching(AskedTerms),
}

#[derive(QueryableByName)]
struct EntryId {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct Entry {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Binary)]
    terms: Vec<u8>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    session_id: String,
}

/// Adds the entry of a part of an evaluation that has none.
pub(super) fn insert(
    db: &mut Db,
    session: &str,
    part: Part,
    terms: &SearchTerms,
) -> Result<(), StoreError> {
    if terms.is_empty() {
        return Ok(());
    }
    match db {
        Db::Sqlite(c) => {
            let entry: EntryId = diesel::sql_query(
                "INSERT INTO search_entries (session_id, part, terms) VALUES (?, ?, ?) RETURNING id",
            )
            .bind::<Text, _>(session)
            .bind::<Text, _>(part.as_str())
            .bind::<Binary, _>(terms.encode())
            .get_result(c)?;
            diesel::sql_query("INSERT INTO search_terms (rowid, terms) VALUES (?, ?)")
                .bind::<BigInt, _>(entry.id)
                .bind::<Text, _>(terms.as_words())
                .execute(c)?;
        }
        Db::Pg(c) => {
            diesel::sql_query(
                "INSERT INTO search_entries (session_id, part, terms) VALUES ($1, $2, $3)",
            )
            .bind::<Text, _>(session)
            .bind::<Text, _>(part.as_str())
            .bind::<Array<Integer>, _>(terms.as_integers())
            .execute(c)?;
        }
    }
    Ok(())
}

/// Replaces the entry of a part of an evaluation.
pub(super) fn replace(
    db: &mut Db,
    session: &str,
    part: Part,
    terms: &SearchTerms,
) -> Result<(), StoreError> {
    remove(db, session, &[part])?;
    insert(db, session, part, terms)
}

/// Removes an evaluation from the index. Returns the number of terms that were taken out of the
/// index one by one, which is what it costs.
///
/// On SQLite it has to come before the rows of the evaluation go, because those take the entries
/// with them.
pub(super) fn remove_all(db: &mut Db, session: &str) -> Result<i64, StoreError> {
    remove(db, session, &[Part::Texts, Part::Annotations])
}

fn remove(db: &mut Db, session: &str, parts: &[Part]) -> Result<i64, StoreError> {
    let mut removed = 0;
    for part in parts {
        match db {
            Db::Sqlite(c) => {
                let entry: Option<Entry> = diesel::sql_query(
                    "DELETE FROM search_entries WHERE session_id = ? AND part = ? RETURNING id, terms",
                )
                .bind::<Text, _>(session)
                .bind::<Text, _>(part.as_str())
                .get_result(c)
                .optional()?;
                if let Some(entry) = entry {
                    let terms = SearchTerms::decode(&entry.terms);
                    diesel::sql_query(
                        "INSERT INTO search_terms (search_terms, rowid, terms) VALUES ('delete', ?, ?)",
                    )
                    .bind::<BigInt, _>(entry.id)
                    .bind::<Text, _>(terms.as_words())
                    .execute(c)?;
                    removed += counter(terms.len());
                }
            }
            Db::Pg(c) => {
                diesel::sql_query("DELETE FROM search_entries WHERE session_id = $1 AND part = $2")
                    .bind::<Text, _>(session)
                    .bind::<Text, _>(part.as_str())
                    .execute(c)?;
            }
        }
    }
    Ok(removed)
}

/// Returns the evaluations that may be what a user searches for.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(super) fn among(db: &mut Db, user: UserId, q: &str) -> Result<Among, StoreError> {
    let Some(asked) = AskedTerms::of(user, q) else {
        return Ok(Among::All);
    };
    let most = counter(FEW + 1);
    let found: Vec<Found> = match db {
        Db::Sqlite(c) => diesel::sql_query(
            "SELECT session_id FROM search_terms JOIN search_entries ON id = search_terms.rowid \
             WHERE search_terms MATCH ? \
             UNION ALL SELECT id FROM evaluation_sessions WHERE user_id = ? AND NOT search_indexed \
             LIMIT ?",
        )
        .bind::<Text, _>(asked.as_match())
        .bind::<Text, _>(user.to_string())
        .bind::<BigInt, _>(most)
        .load(c)?,
        Db::Pg(c) => {
            let (all, anything) = asked.as_arrays();
            diesel::sql_query(
                "SELECT session_id FROM search_entries \
                 WHERE terms @> CAST($1 AS INTEGER[]) OR terms @> CAST($2 AS INTEGER[]) \
                 UNION ALL SELECT id FROM evaluation_sessions WHERE user_id = $3 AND NOT search_indexed \
                 LIMIT $4",
            )
            .bind::<Text, _>(all)
            .bind::<Text, _>(anything)
            .bind::<Text, _>(user.to_string())
            .bind::<BigInt, _>(most)
            .load(c)?
        }
    };
    if found.len() > FEW {
        return Ok(Among::Matching(asked));
    }
    Ok(Among::These(
        found.into_iter().map(|row| row.session_id).collect(),
    ))
}

/// Returns the condition on `evaluation_sessions` that an evaluation of the user has these terms or
/// isn't indexed yet. What stands in the text of the condition are numbers and an id.
///
/// It is a single `IN`, which PostgreSQL carries out as a join whatever the number of hits is: under
/// an `OR` it would walk through all of them again for each evaluation.
pub(super) fn condition(db: &Db, user: UserId, asked: &AskedTerms) -> SqlLiteral<Bool> {
    let entries = match db {
        Db::Sqlite(_) => format!(
            "SELECT entry.session_id FROM search_terms \
             JOIN search_entries AS entry ON entry.id = search_terms.rowid \
             WHERE search_terms MATCH '{}'",
            asked.as_match()
        ),
        Db::Pg(_) => {
            let (all, anything) = asked.as_arrays();
            format!(
                "SELECT entry.session_id FROM search_entries AS entry \
                 WHERE entry.terms @> CAST('{all}' AS INTEGER[]) \
                 OR entry.terms @> CAST('{anything}' AS INTEGER[])"
            )
        }
    };
    sql::<Bool>(&format!(
        "evaluation_sessions.id IN ({entries} UNION ALL SELECT waiting.id \
         FROM evaluation_sessions AS waiting \
         WHERE waiting.user_id = '{user}' AND NOT waiting.search_indexed)"
    ))
}
