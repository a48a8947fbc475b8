//! Collections of users' own documents. The passages of the documents are in `passages`.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::columns::{counter, read_counter, read_id, read_time, time};
use super::passages::{self, NewPassage};
use super::quota;
use super::schema::{collection_documents, collections};
use super::trash;
use crate::domain::ids::{CollectionId, DocumentId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Maximum number of collections of one user.
pub(crate) const MAX_COLLECTIONS: i64 = 100;
/// Maximum number of documents in one collection.
pub(crate) const MAX_DOCUMENTS: i64 = 10_000;
/// Maximum number of characters in one collection.
pub(crate) const MAX_CHARS: i64 = 20_000_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collection {
    pub id: CollectionId,
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub documents: u64,
    pub passages: u64,
    pub chars: u64,
}

/// A document without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub id: DocumentId,
    pub name: String,
    /// The media type of the upload, such as `text/plain`.
    pub media_type: String,
    /// Length in characters (Unicode scalar values).
    pub chars: u64,
    pub passages: u64,
    pub created_at: DateTime<Utc>,
}

/// A document that is about to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewDocument {
    pub document: Document,
    /// The language by whose rules its words were stemmed.
    pub language: &'static str,
    /// The text, without NUL.
    pub text: String,
    /// The passages that searches find, in order.
    pub passages: Vec<NewPassage>,
}

/// The result of storing something in a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Done,
    /// The user has no such collection.
    NotFound,
    /// A limit is reached: its name and its value.
    Full(&'static str, i64),
}

type CollectionRow = (String, String, NaiveDateTime, i64, i64, i64);
type DocumentRow = (String, String, String, i64, i64, NaiveDateTime);

/// Creates an empty collection.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn create(
    db: &mut Db,
    user: UserId,
    id: CollectionId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Kept, StoreError> {
    // Locked, so that two concurrent calls cannot both take the last slot.
    quota::hold(db, user)?;
    let there: i64 = collections::table
        .filter(collections::user_id.eq(user.to_string()))
        .count()
        .get_result(db)?;
    if there >= MAX_COLLECTIONS {
        return Ok(Kept::Full("collections", MAX_COLLECTIONS));
    }
    diesel::insert_into(collections::table)
        .values((
            collections::id.eq(id.to_string()),
            collections::user_id.eq(user.to_string()),
            collections::name.eq(name),
            collections::created_at.eq(time(now)),
        ))
        .execute(db)?;
    Ok(Kept::Done)
}

/// Returns the user's collections, the oldest first: `limit` of them after `cursor`.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn list(
    db: &mut Db,
    user: UserId,
    cursor: Option<CollectionId>,
    limit: i64,
) -> Result<Vec<Collection>, StoreError> {
    let after = cursor.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<CollectionRow> = collections::table
        .filter(collections::user_id.eq(user.to_string()))
        .filter(collections::id.gt(after))
        .order(collections::id)
        .limit(limit)
        .select(collection_columns())
        .load(db)?;
    rows.into_iter().map(read_collection).collect()
}

/// Returns a collection of the user.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn get(
    db: &mut Db,
    user: UserId,
    id: CollectionId,
) -> Result<Option<Collection>, StoreError> {
    let row: Option<CollectionRow> = collections::table
        .find(id.to_string())
        .filter(collections::user_id.eq(user.to_string()))
        .select(collection_columns())
        .first(db)
        .optional()?;
    row.map(read_collection).transpose()
}

/// Deletes a collection of the user with its content: it is hidden at once, and its rows are
/// removed by [`super::trash`]. Returns false if there was none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn delete(db: &mut Db, user: UserId, id: CollectionId) -> Result<bool, StoreError> {
    trash::collection(db, user, id)
}

/// Stores a document in a collection of the user.
///
/// # Errors
/// `Unavailable`, `Query`; no part of the document is stored then.
pub(crate) fn add(
    db: &mut Db,
    user: UserId,
    collection: CollectionId,
    new: &NewDocument,
) -> Result<Kept, StoreError> {
    let added = Sums::of(&new.document, counter(new.text.len()));
    let room = collections::table
        .find(collection.to_string())
        .filter(collections::user_id.eq(user.to_string()));
    // The first statement locks the row, so that two concurrent uploads cannot both take the last
    // slot.
    let counted = diesel::update(room)
        .set((
            collections::documents.eq(collections::documents + 1),
            collections::passages.eq(collections::passages + added.passages),
            collections::chars.eq(collections::chars + added.chars),
            collections::bytes.eq(collections::bytes + added.bytes),
        ))
        .execute(db)?;
    let Some(now) = get(db, user, collection)?.filter(|_| counted > 0) else {
        return Ok(Kept::NotFound);
    };
    if counter(now.documents) > MAX_DOCUMENTS {
        uncount(db, collection, added)?;
        return Ok(Kept::Full("documents", MAX_DOCUMENTS));
    }
    if counter(now.chars) > MAX_CHARS {
        uncount(db, collection, added)?;
        return Ok(Kept::Full("characters", MAX_CHARS));
    }
    let id = new.document.id.to_string();
    diesel::insert_into(collection_documents::table)
        .values((
            collection_documents::id.eq(&id),
            collection_documents::collection_id.eq(collection.to_string()),
            collection_documents::name.eq(&new.document.name),
            collection_documents::media_type.eq(&new.document.media_type),
            collection_documents::language.eq(new.language),
            collection_documents::chars.eq(added.chars),
            collection_documents::passages.eq(added.passages),
            collection_documents::created_at.eq(time(new.document.created_at)),
            collection_documents::text.eq(&new.text),
        ))
        .execute(db)?;
    passages::insert(db, collection, &id, &new.passages)?;
    Ok(Kept::Done)
}

/// Returns the documents of a collection, the oldest first: `limit` of them after `cursor`. Returns
/// `None` if the user has no such collection.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn documents(
    db: &mut Db,
    user: UserId,
    collection: CollectionId,
    cursor: Option<DocumentId>,
    limit: i64,
) -> Result<Option<Vec<Document>>, StoreError> {
    if get(db, user, collection)?.is_none() {
        return Ok(None);
    }
    let after = cursor.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<DocumentRow> = collection_documents::table
        .filter(collection_documents::collection_id.eq(collection.to_string()))
        .filter(collection_documents::id.gt(after))
        .order(collection_documents::id)
        .limit(limit)
        .select(document_columns())
        .load(db)?;
    rows.into_iter()
        .map(read_document)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Returns a document with its text.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn document(
    db: &mut Db,
    user: UserId,
    collection: CollectionId,
    id: DocumentId,
) -> Result<Option<(Document, String)>, StoreError> {
    let found: Option<(DocumentRow, String)> = collection_documents::table
        .inner_join(collections::table)
        .filter(collection_documents::id.eq(id.to_string()))
        .filter(collections::id.eq(collection.to_string()))
        .filter(collections::user_id.eq(user.to_string()))
        .select((document_columns(), collection_documents::text))
        .first(db)
        .optional()?;
    found
        .map(|(row, text)| Ok((read_document(row)?, text)))
        .transpose()
}

/// Deletes a document in the same way as [`delete`] deletes a collection. Returns false if there
/// was none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn remove(
    db: &mut Db,
    user: UserId,
    collection: CollectionId,
    id: DocumentId,
) -> Result<bool, StoreError> {
    let Some((document, text)) = document(db, user, collection, id)? else {
        return Ok(false);
    };
    // The collection's row is locked first, in the same order as when documents are added or
    // deleted, so that transactions cannot deadlock.
    let sums = Sums::of(&document, counter(text.len()));
    uncount(db, collection, sums)?;
    let taken = trash::document(db, collection, &id.to_string())?;
    if !taken {
        // A concurrent call has deleted the document.
        uncount(db, collection, sums.negative())?;
    }
    Ok(taken)
}

/// The share of a document in its collection's totals.
#[derive(Clone, Copy)]
struct Sums {
    documents: i64,
    passages: i64,
    chars: i64,
    bytes: i64,
}

impl Sums {
    fn of(document: &Document, bytes: i64) -> Self {
        Self {
            documents: 1,
            passages: counter(document.passages),
            chars: counter(document.chars),
            bytes,
        }
    }

    const fn negative(self) -> Self {
        Self {
            documents: -self.documents,
            passages: -self.passages,
            chars: -self.chars,
            bytes: -self.bytes,
        }
    }
}

/// Subtracts a document from its collection's totals.
fn uncount(db: &mut Db, collection: CollectionId, sums: Sums) -> Result<(), StoreError> {
    diesel::update(collections::table.find(collection.to_string()))
        .set((
            collections::documents.eq(collections::documents - sums.documents),
            collections::passages.eq(collections::passages - sums.passages),
            collections::chars.eq(collections::chars - sums.chars),
            collections::bytes.eq(collections::bytes - sums.bytes),
        ))
        .execute(db)?;
    Ok(())
}

/// Returns the languages of a collection's documents; empty if the user has no such collection.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn languages(
    db: &mut Db,
    user: UserId,
    collection: CollectionId,
) -> Result<Option<Vec<String>>, StoreError> {
    if get(db, user, collection)?.is_none() {
        return Ok(None);
    }
    let languages = collection_documents::table
        .filter(collection_documents::collection_id.eq(collection.to_string()))
        .select(collection_documents::language)
        .distinct()
        .order(collection_documents::language)
        .load(db)?;
    Ok(Some(languages))
}

const fn collection_columns() -> (
    collections::id,
    collections::name,
    collections::created_at,
    collections::documents,
    collections::passages,
    collections::chars,
) {
    (
        collections::id,
        collections::name,
        collections::created_at,
        collections::documents,
        collections::passages,
        collections::chars,
    )
}

const fn document_columns() -> (
    collection_documents::id,
    collection_documents::name,
    collection_documents::media_type,
    collection_documents::chars,
    collection_documents::passages,
    collection_documents::created_at,
) {
    (
        collection_documents::id,
        collection_documents::name,
        collection_documents::media_type,
        collection_documents::chars,
        collection_documents::passages,
        collection_documents::created_at,
    )
}

fn read_collection(row: CollectionRow) -> Result<Collection, StoreError> {
    let (id, name, created_at, documents, passages, chars) = row;
    Ok(Collection {
        id: read_id(&id)?,
        name,
        created_at: read_time(created_at),
        documents: read_counter(documents)?,
        passages: read_counter(passages)?,
        chars: read_counter(chars)?,
    })
}

fn read_document(row: DocumentRow) -> Result<Document, StoreError> {
    let (id, name, media_type, chars, passages, created_at) = row;
    Ok(Document {
        id: read_id(&id)?,
        name,
        media_type,
        chars: read_counter(chars)?,
        passages: read_counter(passages)?,
        created_at: read_time(created_at),
    })
}
