//! What a collection has for the claims of a run.

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

/// Passages that one claim gets at most.
const PER_CLAIM: i64 = 8;
/// Passages for the question.
const FOR_QUESTION: usize = 4;
/// Characters that all claims get together: what is verified stays bounded, whatever the collection.
const MAX_CHARS: usize = 100_000;
/// Terms that a claim is looked for by.
const MAX_TERMS: usize = 64;
/// Claims that are looked for on one connection at a time.
const BATCH: usize = 16;

/// Whose collection is searched, and what for.
pub(crate) struct Wanted {
    /// Whose collection it is.
    pub user: UserId,
    pub collection: CollectionId,
    /// What to look for.
    pub claims: Vec<Claim>,
    /// What to look for beside the claims.
    pub question: Option<Arc<str>>,
}

/// The passages that a collection has for the claims and the question, by document and place. Tells
/// `searched` how many claims have been looked for.
///
/// # Errors
/// Why there is nothing, in words: the collection is gone, or the database refuses.
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

/// The passages that a run of these texts would get from a collection.
///
/// # Errors
/// Why there is nothing, in words.
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

/// How many passages a user's collection has, and in which languages; none if it is gone.
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

/// The best passages for each list of terms.
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

/// The best passages of each list, each once: first all the first ones, then all the second, as long as
/// they fit.
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
