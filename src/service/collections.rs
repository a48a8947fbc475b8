//! Collections of users' own documents: storing, listing and searching them.

use chrono::Utc;

use crate::computing::{Bounds, Task};
use crate::documents::{self, MediaType};
use crate::domain::document::Retrieved;
use crate::domain::ids::{CollectionId, DocumentId, UserId};
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{
    AddDocument, CollectionView, CollectionsQuery, CollectionsView, CreateCollection,
    DocumentTextView, DocumentView, DocumentsQuery, DocumentsView, HitView, MAX_DOCUMENT_CHARS,
    SearchQuery, SearchView, document_name_fault, text_fault,
};
use crate::store::collections::{Collection, Document, Kept, NewDocument};
use crate::store::pages::{self, rows_to_read};
use crate::store::passages::NewPassage;
use crate::store::{self, new_id};
use crate::text::chunks::chunks;
use crate::text::language::Language;
use crate::text::span::Utf16Index;
use crate::text::terms;
use crate::text::tokens::Tokenizer;

use super::evaluations::no_room;
use super::{Service, no_turn, reader, refusal, unfinished};

/// Limits of documents that are being parsed or wait for it.
pub(crate) const DOCUMENTS: Bounds = Bounds {
    // One that is parsed, and others that wait.
    of_a_user: 8,
    // In bytes; one document has at most 8 MiB.
    held: 64 << 20,
};

/// Maximum number of terms of a query that are used.
const MAX_TERMS: usize = 64;

/// A document as the client sent it.
#[derive(Debug)]
pub(crate) enum Upload {
    Text(AddDocument),
    File {
        kind: MediaType,
        /// The name of the document; without it, the document's title is used.
        name: Option<String>,
        /// The content of the file.
        bytes: Vec<u8>,
    },
}

impl Service {
    /// Creates an empty collection.
    ///
    /// # Errors
    /// `validation`, `limit_exceeded`, `rate_limited`.
    pub(crate) async fn create_collection(
        &self,
        user: UserId,
        body: CreateCollection,
    ) -> Result<CollectionView, Refusal> {
        self.limits.uploads.check(&user).await?;
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let (id, now) = (new_id(), Utc::now());
        let kept = self
            .store
            .write(move |db| {
                let kept = store::collections::create(db, user, id, &body.name, now)?;
                Ok((kept, store::collections::get(db, user, id)?))
            })
            .await
            .map_err(refusal)?;
        match kept {
            (Kept::Done, Some(collection)) => Ok(collection_view(collection)),
            (Kept::Full(what, most), _) => Err(full("a user", what, most)),
            (Kept::Done | Kept::NotFound, _) => Err(no_collection()),
        }
    }

    /// Returns a page of the user's collections.
    ///
    /// # Errors
    /// `validation`.
    pub(crate) async fn collections(
        &self,
        user: UserId,
        query: CollectionsQuery,
    ) -> Result<CollectionsView, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let CollectionsQuery { limit, cursor } = query;
        let page = self
            .store
            .read(move |db| store::collections::list(db, user, cursor, rows_to_read(limit)))
            .await
            .map_err(refusal)?;
        let (page, next_cursor) = pages::page(page, limit, |last| last.id);
        Ok(CollectionsView {
            items: page.into_iter().map(collection_view).collect(),
            next_cursor,
        })
    }

    /// Returns a collection.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn collection(
        &self,
        user: UserId,
        id: CollectionId,
    ) -> Result<CollectionView, Refusal> {
        let found = self.stored_collection(user, id).await?;
        found.map(collection_view).ok_or_else(no_collection)
    }

    /// Returns the collection as it is stored, or `None` if the user has no such collection.
    pub(super) async fn stored_collection(
        &self,
        user: UserId,
        id: CollectionId,
    ) -> Result<Option<Collection>, Refusal> {
        self.store
            .read(move |db| store::collections::get(db, user, id))
            .await
            .map_err(refusal)
    }

    /// Deletes a collection with its documents.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub(crate) async fn delete_collection(
        &self,
        user: UserId,
        id: CollectionId,
    ) -> Result<(), Refusal> {
        self.limits.deletes.check(&user).await?;
        let deleted = self
            .store
            .write(move |db| store::collections::delete(db, user, id))
            .await
            .map_err(refusal)?;
        self.upkeep.notify_one();
        deleted.then_some(()).ok_or_else(no_collection)
    }

    /// Parses, splits, indexes and stores a document.
    ///
    /// # Errors
    /// `validation`, also for a file that can't be read, `payload_too_large`, `not_found`,
    /// `limit_exceeded`, `rate_limited`, `overloaded`.
    pub(crate) async fn add_document(
        &self,
        user: UserId,
        collection: CollectionId,
        upload: Upload,
    ) -> Result<DocumentView, Refusal> {
        self.limits.uploads.check(&user).await?;
        // Ownership is checked before the expensive parse.
        self.collection(user, collection).await?;
        let turn = self.documents.take(user, upload.size()).await;
        let turn = turn.map_err(no_turn)?;
        let draft = draft(upload).await?;
        let indexing = move || {
            let _turn = turn;
            index(draft)
        };
        let new = self.cores.compute(&Task::of(user), indexing).await;
        let new = new.map_err(unfinished)??;
        let document = new.document.clone();
        let quota = self.quota().of_bytes();
        let kept = self
            .store
            .write(move |db| {
                let bytes = new.text.len() as u64;
                match store::quota::exceeded(db, user, quota, 0, bytes)? {
                    None => store::collections::add(db, user, collection, &new).map(Ok),
                    Some(full) => Ok(Err(full)),
                }
            })
            .await
            .map_err(refusal)?;
        match kept.map_err(no_room)? {
            Kept::Done => Ok(document_view(collection, document)),
            Kept::NotFound => Err(no_collection()),
            Kept::Full(what, most) => Err(full("a collection", what, most)),
        }
    }

    /// Returns a page of a collection's documents.
    ///
    /// # Errors
    /// `validation`, `not_found`.
    pub(crate) async fn documents(
        &self,
        user: UserId,
        collection: CollectionId,
        query: DocumentsQuery,
    ) -> Result<DocumentsView, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let DocumentsQuery { limit, cursor } = query;
        let page = self
            .store
            .read(move |db| {
                store::collections::documents(db, user, collection, cursor, rows_to_read(limit))
            })
            .await
            .map_err(refusal)?
            .ok_or_else(no_collection)?;
        let (page, next_cursor) = pages::page(page, limit, |last| last.id);
        let view = |document| document_view(collection, document);
        Ok(DocumentsView {
            items: page.into_iter().map(view).collect(),
            next_cursor,
        })
    }

    /// Returns a document with its text.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn document(
        &self,
        user: UserId,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<DocumentTextView, Refusal> {
        let found = self
            .store
            .read(move |db| store::collections::document(db, user, collection, id))
            .await
            .map_err(refusal)?;
        let (document, text) = found.ok_or_else(no_document)?;
        Ok(DocumentTextView {
            document: document_view(collection, document),
            text,
        })
    }

    /// Deletes a document.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub(crate) async fn delete_document(
        &self,
        user: UserId,
        collection: CollectionId,
        id: DocumentId,
    ) -> Result<(), Refusal> {
        self.limits.deletes.check(&user).await?;
        let deleted = self
            .store
            .write(move |db| store::collections::remove(db, user, collection, id))
            .await
            .map_err(refusal)?;
        self.upkeep.notify_one();
        deleted.then_some(()).ok_or_else(no_document)
    }

    /// Searches a collection in the same way as a run does for each claim.
    ///
    /// # Errors
    /// `validation`, `not_found`, `rate_limited`.
    pub(crate) async fn search(
        &self,
        user: UserId,
        collection: CollectionId,
        query: SearchQuery,
    ) -> Result<SearchView, Refusal> {
        self.limits.searches.check(&user).await?;
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let found = self
            .store
            .search(move |db, _| {
                let Some(of) = store::collections::get(db, user, collection)? else {
                    return Ok(None);
                };
                let names = store::collections::languages(db, user, collection)?;
                let names = names.unwrap_or_default();
                let languages: Vec<Language> =
                    names.iter().map(|name| Language::named(name)).collect();
                let terms = terms::query(&languages, &query.q, MAX_TERMS);
                store::passages::search(db, collection, of.passages, &terms, query.limit).map(Some)
            })
            .await
            .map_err(refusal)?
            .ok_or_else(no_collection)?;
        let view = |(passage, score): (Retrieved, f64)| HitView {
            document_id: passage.place.document_id,
            document_name: passage.name,
            text: passage.text,
            span: passage.span,
            score,
        };
        Ok(SearchView {
            items: found.into_iter().map(view).collect(),
        })
    }
}

/// A parsed document before it is split into passages.
struct Draft {
    kind: MediaType,
    name: String,
    text: String,
}

impl Upload {
    /// Returns the size of the content, in bytes.
    fn size(&self) -> usize {
        match self {
            Self::Text(body) => body.text.len(),
            Self::File { bytes, .. } => bytes.len(),
        }
    }
}

/// Extracts the text of an upload.
async fn draft(upload: Upload) -> Result<Draft, Refusal> {
    match upload {
        Upload::Text(body) => {
            let faults = body.faults();
            if !faults.is_empty() {
                return Err(Refusal::invalid(faults));
            }
            Ok(Draft {
                kind: MediaType::Plain,
                name: body.name,
                text: body.text,
            })
        }
        Upload::File { kind, name, bytes } => {
            let read = match kind {
                // Plain text needs no parser, and so no process of its own.
                MediaType::Plain => documents::extract(kind, &bytes, MAX_DOCUMENT_CHARS),
                _ => reader::read(kind, bytes).await.map_err(|error| {
                    tracing::error!(%error, "the process that reads a document can't be had");
                    Refusal::internal()
                })?,
            };
            let read = read
                .map_err(|error| Refusal::invalid(vec![FieldError::new("", error.to_string())]))?;
            let name = name.or(read.title).unwrap_or_else(|| "untitled".to_owned());
            let faults: Vec<FieldError> = document_name_fault(&name)
                .into_iter()
                .chain(text_fault("", &read.text, 1, MAX_DOCUMENT_CHARS))
                .collect();
            if !faults.is_empty() {
                return Err(Refusal::invalid(faults));
            }
            Ok(Draft {
                kind,
                name,
                text: read.text,
            })
        }
    }
}

/// Splits a document into passages and indexes them. This is expensive, so it runs on a compute
/// thread.
fn index(draft: Draft) -> Result<NewDocument, Refusal> {
    let Draft { kind, name, text } = draft;
    let language = Language::of(&text);
    let tokenizer = Tokenizer::new(language);
    let utf16 = Utf16Index::new(&text);
    let passages: Vec<NewPassage> = chunks(&text)
        .into_iter()
        .map(|range| NewPassage {
            span: utf16.span(range.clone()),
            terms: terms::terms(&tokenizer, &text[range.clone()]),
            text: text[range].to_owned(),
        })
        .filter(|passage| !passage.terms.is_empty())
        .collect();
    if passages.is_empty() {
        let fault = FieldError::new("/text", "holds no words that could be found");
        return Err(Refusal::invalid(vec![fault]));
    }
    Ok(NewDocument {
        document: Document {
            id: new_id(),
            name,
            media_type: kind.as_str().to_owned(),
            chars: text.chars().count() as u64,
            passages: passages.len() as u64,
            created_at: Utc::now(),
        },
        language: language.as_str(),
        text,
        passages,
    })
}

pub(super) fn collection_view(collection: Collection) -> CollectionView {
    CollectionView {
        id: collection.id,
        name: collection.name,
        created_at: collection.created_at,
        documents: collection.documents,
        passages: collection.passages,
        chars: collection.chars,
    }
}

pub(super) fn document_view(collection_id: CollectionId, document: Document) -> DocumentView {
    DocumentView {
        id: document.id,
        collection_id,
        name: document.name,
        media_type: document.media_type,
        chars: document.chars,
        passages: document.passages,
        created_at: document.created_at,
    }
}

fn no_collection() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "there is no such collection")
}

fn no_document() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "there is no such document")
}

fn full(whose: &str, what: &str, most: i64) -> Refusal {
    let message = format!("{whose} has at most {most} {what}");
    Refusal::new(ErrorCode::LimitExceeded, message)
}
