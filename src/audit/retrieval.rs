//! Searches a collection for passages about a run's claims and question.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::computing::{Cores, Task, checkpoint};
use crate::domain::claim::Claim;
use crate::domain::document::Retrieved;
use crate::domain::ids::{CollectionId, UserId};
use crate::store::{self, Store, StoreError, retry};
use crate::text::language::Language;
use crate::text::terms;

use super::claims::claims_of;

/// Maximum number of passages for one claim.
const PER_CLAIM: i64 = 8;
/// Maximum number of passages for the question.
const FOR_QUESTION: usize = 4;
/// Maximum length of all passages together, in characters. It bounds the work of the verifier,
/// whatever the collection contains.
const MAX_CHARS: usize = 100_000;
/// Maximum number of search terms of one claim.
const MAX_TERMS: usize = 64;
/// Number of claims that are searched with one database connection at a time.
const BATCH: usize = 16;

/// A search of one collection.
pub(crate) struct Wanted {
    /// The owner of the collection.
    pub user: UserId,
    pub collection: CollectionId,
    pub claims: Vec<Claim>,
    /// Searched in addition to the claims.
    pub question: Option<Arc<str>>,
}

/// Returns the passages about the claims and the question, ordered by document and position. Calls
/// `searched` with the number of claims searched so far.
///
/// # Errors
/// Says in words why there are none: the collection is deleted, or the database refuses.
pub(crate) async fn gather(
    store: &Store,
    (cores, task): (&Cores, &Task),
    wanted: Wanted,
    mut searched: impl FnMut(usize),
) -> Result<Vec<Retrieved>, String> {
    let Wanted {
        user,
        collection,
        claims,
        question,
    } = wanted;
    let extent = extent(store, user, collection)
        .await
        .map_err(|error| refused(&error))?;
    let Some((passages, languages)) = extent else {
        return Err("the collection is no longer there".to_owned());
    };
    let of_claims = claims.len();
    let queries = move || {
        let languages: Vec<Language> = languages.iter().map(|name| Language::named(name)).collect();
        let texts = claims.iter().map(|claim| claim.text.as_str());
        let query = |text| {
            checkpoint();
            terms::query(&languages, text, MAX_TERMS)
        };
        texts.chain(question.as_deref()).map(query).collect()
    };
    let queries: Vec<Vec<String>> = cores
        .compute(task, queries)
        .await
        .map_err(|why| why.to_string())?;
    let mut found = Vec::with_capacity(queries.len());
    for batch in queries.chunks(BATCH) {
        let batch: Arc<[Vec<String>]> = batch.into();
        let rows = search(store, collection, passages, batch)
            .await
            .map_err(|error| refused(&error))?;
        found.extend(rows);
        searched(found.len().min(of_claims));
    }
    if let Some(of_question) = found.get_mut(of_claims) {
        of_question.truncate(FOR_QUESTION);
    }
    Ok(choose(found, MAX_CHARS))
}

/// Returns the passages that a run of these texts would get from a collection.
///
/// # Errors
/// Says in words why there are none.
pub(crate) async fn preview(
    store: &Store,
    (cores, task): (&Cores, &Task),
    user: UserId,
    collection: CollectionId,
    candidate: String,
    question: Option<&str>,
) -> Result<Vec<Retrieved>, String> {
    let claims = cores.compute(task, move || claims_of(&candidate)).await;
    let wanted = Wanted {
        user,
        collection,
        claims: claims.map_err(|why| why.to_string())?,
        question: question.map(Arc::from),
    };
    gather(store, (cores, task), wanted, |_| {}).await
}

/// Returns the number of passages in a user's collection and their languages; `None`
/// if it is deleted.
async fn extent(
    store: &Store,
    user: UserId,
    collection: CollectionId,
) -> Result<Option<(u64, Vec<String>)>, StoreError> {
    retry::read("the retrieval", collection, store, move |db| {
        let there = store::collections::get(db, user, collection)?;
        let languages = store::collections::languages(db, user, collection)?;
        Ok(there.map(|it| it.passages).zip(languages))
    })
    .await
}

/// Returns the best passages for each list of terms.
async fn search(
    store: &Store,
    collection: CollectionId,
    passages: u64,
    queries: Arc<[Vec<String>]>,
) -> Result<Vec<Vec<Retrieved>>, StoreError> {
    retry::read("the retrieval", collection, store, move |db| {
        let mut search = |terms: &Vec<String>| {
            let found = store::passages::search(db, collection, passages, terms, PER_CLAIM)?;
            Ok(found.into_iter().map(|(passage, _)| passage).collect())
        };
        queries.iter().map(&mut search).collect()
    })
    .await
}

fn refused(error: &StoreError) -> String {
    tracing::error!(%error, "a collection can't be searched");
    "the collection can't be searched; the log has the details".to_owned()
}

/// Merges the lists without duplicates: first the best passage of each list, then the second of
/// each, as long as they fit into `max_chars`.
fn choose(found: Vec<Vec<Retrieved>>, max_chars: usize) -> Vec<Retrieved> {
    let mut seen = HashSet::new();
    let mut chosen = BTreeMap::new();
    let mut left = max_chars;
    let ranks = found.iter().map(Vec::len).max().unwrap_or(0);
    for rank in 0..ranks {
        for passage in found.iter().filter_map(|list| list.get(rank)) {
            let key = (passage.place.document_id, passage.span.start);
            let cost = passage.text.chars().count();
            if cost <= left && seen.insert(key) {
                left -= cost;
                chosen.insert(key, passage.clone());
            }
        }
    }
    chosen.into_values().collect()
}

#[cfg(test)]
#[path = "tests/retrieval.rs"]
mod tests;
