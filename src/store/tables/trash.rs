//! Deleted data that is yet to be removed.
//!
//! An evaluation or a collection can be large: removing it in one transaction would block every
//! other writer. So deletion assigns it to an account that nobody can log in to, which hides it at
//! once, and its rows are removed in slices afterwards. `app::upkeep` requests the slices.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::advisory_lock::{AdvisoryLock, try_lock};
use super::schema::{
    collection_documents, collections, evaluation_sessions, idempotency_keys, shares,
};
use super::search_index;
use crate::domain::ids::{CollectionId, SessionId, UserId};
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The id of the account that owns deleted data, and of its collection, to which deleted documents
/// are moved.
pub(crate) const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The epoch of a deleted log, so that nobody can append to it.
const NO_EPOCH: &str = "deleted";

/// Maximum cost of one slice. A row of the event log costs 1, others cost more.
const SLICE: i64 = 500;

/// Cost of other rows: a claim includes its verdict, a label of feedback and five index entries, a
/// passage includes its entries in the full-text index, a run includes its judges' reports.
const CLAIM: i64 = 4;
const PASSAGE: i64 = 25;
const RUN: i64 = 50;
/// Cost of a row with long texts, whose pages are overwritten.
const TEXTS: i64 = 50;
/// Number of terms of the full-text index that cost 1: each writes a page of SQLite's, so that a
/// slice has one evaluation of some pages, and no writer waits for two.
const TERMS: i64 = 4;

/// Hides an evaluation from its owner. Returns false if the user has no such evaluation.
pub(crate) fn evaluation(db: &mut Db, user: &str, session: &str) -> Result<bool, StoreError> {
    let own = evaluation_sessions::table
        .find(session)
        .filter(evaluation_sessions::user_id.eq(user));
    let taken = diesel::update(own)
        .set((
            evaluation_sessions::user_id.eq(NOBODY),
            evaluation_sessions::epoch.eq(NO_EPOCH),
        ))
        .execute(db)?;
    if taken == 0 {
        return Ok(false);
    }
    // A restart must not resume its run.
    diesel::update(
        evaluation_sessions::table
            .find(session)
            .filter(evaluation_sessions::status.eq(Status::InProgress.as_str())),
    )
    .set((
        evaluation_sessions::status.eq(Status::Cancelled.as_str()),
        evaluation_sessions::owner.eq(None::<String>),
    ))
    .execute(db)?;
    // Share links lead to it independently of its owner.
    diesel::delete(shares::table.filter(shares::session_id.eq(session))).execute(db)?;
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::session_id.eq(session)))
        .execute(db)?;
    Ok(true)
}

/// Hides a collection from its owner. Returns false if the user has no such collection.
pub(crate) fn collection(
    db: &mut Db,
    user: UserId,
    collection: CollectionId,
) -> Result<bool, StoreError> {
    let own = collections::table
        .find(collection.to_string())
        .filter(collections::user_id.eq(user.to_string()));
    let taken = diesel::update(own)
        .set(collections::user_id.eq(NOBODY))
        .execute(db)?;
    Ok(taken > 0)
}

/// Hides a document of a collection. Returns false if the collection has no such document.
pub(crate) fn document(
    db: &mut Db,
    collection: CollectionId,
    document: &str,
) -> Result<bool, StoreError> {
    let own = collection_documents::table
        .find(document)
        .filter(collection_documents::collection_id.eq(collection.to_string()));
    let taken = diesel::update(own)
        .set(collection_documents::collection_id.eq(NOBODY))
        .execute(db)?;
    Ok(taken > 0)
}

/// Returns whether a session is deleted and yet to be removed.
pub(crate) fn has(db: &mut Db, session: SessionId) -> Result<bool, StoreError> {
    let there: i64 = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::user_id.eq(NOBODY))
        .count()
        .get_result(db)?;
    Ok(there > 0)
}

/// Removes a slice of the deleted data. Returns its cost, or 0 if there was none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn remove_slice(db: &mut Db) -> Result<usize, StoreError> {
    if !try_lock(db, AdvisoryLock::DeletedData)? {
        return Ok(0);
    }
    let mut left = SLICE;
    while left > 0 {
        let session: Option<String> = evaluation_sessions::table
            .filter(evaluation_sessions::user_id.eq(NOBODY))
            .order(evaluation_sessions::id)
            .select(evaluation_sessions::id)
            .first(db)
            .optional()?;
        let Some(session) = session else { break };
        left = remove_session(db, &session, left)?;
    }
    while left > 0 {
        let document: Option<String> = collection_documents::table
            .inner_join(collections::table)
            .filter(collections::user_id.eq(NOBODY))
            .order(collection_documents::id)
            .select(collection_documents::id)
            .first(db)
            .optional()?;
        let Some(document) = document else { break };
        left = remove_document(db, &document, left)?;
    }
    if left > 0 {
        let empty = collections::table
            .filter(collections::user_id.eq(NOBODY))
            .filter(collections::id.ne(NOBODY));
        diesel::delete(empty).execute(db)?;
    }
    Ok(usize::try_from(SLICE - left).unwrap_or_default())
}

/// Removes some or all of an evaluation. Returns the remainder of the slice.
fn remove_session(db: &mut Db, session: &str, mut left: i64) -> Result<i64, StoreError> {
    const ROWS: [(&str, i64); 3] = [
        (
            "DELETE FROM session_events WHERE session_id = $1 AND seq < $2 + COALESCE( \
             (SELECT min(seq) FROM session_events WHERE session_id = $1), 0)",
            1,
        ),
        (
            "DELETE FROM claims WHERE id IN (SELECT claims.id FROM claims \
             JOIN evaluation_runs ON evaluation_runs.id = run_id WHERE session_id = $1 LIMIT $2)",
            CLAIM,
        ),
        (
            "DELETE FROM feedback WHERE id IN (SELECT id FROM feedback WHERE session_id = $1 LIMIT $2)",
            1,
        ),
    ];
    const RUNS: (&str, i64) = (
        "DELETE FROM evaluation_runs WHERE id IN \
         (SELECT id FROM evaluation_runs WHERE session_id = $1 LIMIT $2)",
        RUN,
    );
    for (statement, cost) in ROWS.into_iter().chain([RUNS]) {
        let most = (left + cost - 1) / cost;
        let gone = delete(db, statement, session, most)?;
        left -= gone * cost;
        if left <= 0 {
            return Ok(left);
        }
    }
    let terms = search_index::remove_all(db, session)?;
    diesel::delete(evaluation_sessions::table.find(session)).execute(db)?;
    Ok(left - TEXTS - terms / TERMS)
}

fn remove_document(db: &mut Db, document: &str, left: i64) -> Result<i64, StoreError> {
    const PASSAGES: &str = "DELETE FROM collection_passages WHERE id IN \
        (SELECT id FROM collection_passages WHERE document_id = $1 LIMIT $2)";
    let most = (left + PASSAGE - 1) / PASSAGE;
    let left = left - PASSAGE * delete(db, PASSAGES, document, most)?;
    if left <= 0 {
        return Ok(left);
    }
    diesel::delete(collection_documents::table.find(document)).execute(db)?;
    Ok(left - TEXTS)
}

/// Deletes at most `most` rows. Returns their number.
fn delete(db: &mut Db, statement: &str, of: &str, most: i64) -> Result<i64, StoreError> {
    let rows = diesel::sql_query(statement)
        .bind::<Text, _>(of)
        .bind::<BigInt, _>(most)
        .execute(db)?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
