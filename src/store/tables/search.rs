//! Searches a user's history: the index tells which evaluations may hold what is searched for, and
//! their texts tell which do. The number of bytes read is bounded, and the search stops when its
//! caller is gone.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::annotations;
use super::columns::read_id;
use super::listing::{Cursor, Filter, Page, Summary, rows};
use super::schema::{
    evaluation_previews as previews, evaluation_sessions as sessions, evaluation_texts as texts,
};
use super::search_index::{self, Part};
use super::search_terms::SearchTerms;
use super::search_text::folded;
use super::trash::NOBODY;
use crate::computing::Stop;
use crate::domain::ids::UserId;
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Number of rows in the first portion that is read. Each further portion is twice as large, up to
/// [`MAX_PORTION`].
const FIRST_PORTION: i64 = 32;
const MAX_PORTION: i64 = 1024;

/// Cost of examining a row, beside its texts, in bytes.
const ROW_BYTES: usize = 512;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle(String);

impl Needle {
    /// Returns `None` if there is nothing to search for.
    pub(super) fn new(q: &str) -> Option<Self> {
        let folded = folded(q);
        (!folded.is_empty()).then_some(Self(folded))
    }

    /// Returns whether a text contains what is searched for. Takes linear time for any text and
    /// needle, since the standard library's search is two-way.
    fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.0)
    }
}

/// Returns the texts that come with a row of a list.
fn short_texts(summary: &Summary) -> impl Iterator<Item = &str> {
    let texts = [summary.question.as_deref(), summary.name.as_deref()];
    let tags = summary.tags.iter().map(String::as_str);
    texts.into_iter().flatten().chain(tags)
}

/// Returns evaluations of the user that contain the needle, at most `limit` of them, from `after`
/// on.
///
/// If the allowance is used up before, the page ends early, and `next` is the position at which to
/// continue.
pub(super) fn page(
    db: &mut Db,
    user: UserId,
    filter: &Filter,
    needle: &Needle,
    after: Option<&Cursor>,
    limit: i64,
    work: &mut Work,
) -> Result<Page, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let among = search_index::among(db, user, &needle.0)?;
    let (mut items, mut after) = (Vec::<Summary>::new(), after.cloned());
    let mut portion = FIRST_PORTION;
    loop {
        let found = rows(db, user, filter, &among, after.as_ref(), portion)?;
        let last_portion = (found.len() as i64) < portion;
        for summary in found {
            let cursor = summary.cursor(filter.sort);
            let (is_found, read) = holds(db, &summary, needle)?;
            if is_found {
                if items.len() == limit {
                    let next = items.last().map(|last| last.cursor(filter.sort));
                    return Ok(Page { items, next });
                }
                items.push(summary);
            }
            if !work.take(read)? {
                return Ok(Page {
                    items,
                    next: Some(cursor),
                });
            }
            after = Some(cursor);
        }
        if last_portion {
            return Ok(Page { items, next: None });
        }
        portion = (portion * 2).min(MAX_PORTION);
    }
}

/// Returns whether an evaluation contains the needle, and the number of bytes that were read for it.
fn holds(db: &mut Db, summary: &Summary, needle: &Needle) -> Result<(bool, usize), StoreError> {
    let id = summary.id.to_string();
    if short_texts(summary).any(|text| needle.is_in(text)) {
        return Ok((true, ROW_BYTES));
    }
    let found: Option<(String, String, Option<String>)> = texts::table
        .inner_join(previews::table.on(previews::session_id.eq(texts::session_id)))
        .filter(texts::session_id.eq(&id))
        .select((texts::source_text, texts::candidate_output, previews::notes))
        .first(db)
        .optional()?;
    // Deleted since the row was read.
    let Some((source, candidate, notes)) = found else {
        return Ok((false, ROW_BYTES));
    };
    let notes = notes.unwrap_or_default();
    let read = ROW_BYTES + source.len() + candidate.len() + notes.len();
    let is_found = [&source, &candidate, &notes]
        .into_iter()
        .any(|text| needle.is_in(text));
    Ok((is_found, read))
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    user_id: String,
}

/// An evaluation that isn't indexed yet.
#[derive(Debug)]
pub(crate) struct Unindexed {
    id: String,
    pub(crate) user: UserId,
    source: String,
    candidate: String,
    question: Option<String>,
}

/// An evaluation with the terms of its texts.
#[derive(Debug)]
pub(crate) struct Indexed {
    id: String,
    user: UserId,
    terms: SearchTerms,
}

impl Unindexed {
    /// Computes the terms of the texts, outside of any transaction.
    pub(crate) fn indexed(self) -> Indexed {
        let question = self.question.unwrap_or_default();
        let terms = SearchTerms::of(self.user, &[&self.source, &self.candidate, &question]);
        Indexed {
            id: self.id,
            user: self.user,
            terms,
        }
    }
}

/// Returns an evaluation that isn't indexed yet, if any. Those whose run is at work come later, so
/// that no append waits for [`keep_indexed`].
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn next_unindexed(db: &mut Db) -> Result<Option<Unindexed>, StoreError> {
    let next: Option<Waiting> = diesel::sql_query(
        "SELECT id, user_id FROM evaluation_sessions \
         WHERE NOT search_indexed AND user_id <> $1 AND status <> $2 ORDER BY user_id, id LIMIT 1",
    )
    .bind::<Text, _>(NOBODY)
    .bind::<Text, _>(Status::InProgress.as_str())
    .get_result(db)
    .optional()?;
    let Some(Waiting { id, user_id }) = next else {
        return Ok(None);
    };
    let found: Option<(String, String, Option<String>)> = sessions::table
        .inner_join(texts::table)
        .filter(sessions::id.eq(&id))
        .select((
            texts::source_text,
            texts::candidate_output,
            sessions::question,
        ))
        .first(db)
        .optional()?;
    // A row without texts, which only a repair by hand leaves, must not keep the others waiting.
    let (source, candidate, question) = found.unwrap_or_default();
    Ok(Some(Unindexed {
        id,
        user: read_id(&user_id)?,
        source,
        candidate,
        question,
    }))
}

/// Stores the entries of an evaluation, unless it is deleted or another node has indexed it.
///
/// One evaluation a transaction, since it holds the session's row, for which others wait: the writer
/// of the log, and whoever changes the annotations.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn keep_indexed(db: &mut Db, indexed: &Indexed) -> Result<(), StoreError> {
    let Indexed { id, user, terms } = indexed;
    let waiting = sessions::table
        .find(id)
        .filter(sessions::user_id.eq(user.to_string()))
        .filter(sessions::search_indexed.eq(false));
    // Whoever changes the annotations from here on waits, and has it indexed again.
    let held = diesel::update(waiting)
        .set(sessions::search_indexed.eq(true))
        .execute(db)?;
    if held == 0 {
        return Ok(());
    }
    search_index::replace(db, id, Part::Texts, terms)?;
    // They are short, and may have changed since the texts were read.
    let added = annotations::of(db, id)?.search_terms(*user);
    search_index::replace(db, id, Part::Annotations, &added)
}

/// The allowance of bytes that a search may still read, and whether its caller still waits.
#[derive(Debug)]
pub(crate) struct Work {
    left: usize,
    stop: Stop,
}

impl Work {
    /// Allows reading so many bytes of rows and texts.
    pub(crate) fn new(bytes: usize, stop: Stop) -> Self {
        Self { left: bytes, stop }
    }

    /// No limit, for queries that cannot take long.
    pub(crate) fn none() -> Self {
        Self::new(usize::MAX, Stop::default())
    }

    /// Accounts for bytes that were read. Returns whether more may be read.
    ///
    /// # Errors
    /// `Unavailable` if the caller is gone.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<bool, StoreError> {
        if self.stop.is_raised() {
            return Err(StoreError::Unavailable(
                "the caller has given up".to_owned(),
            ));
        }
        self.left = self.left.saturating_sub(bytes);
        Ok(self.left > 0)
    }
}

#[cfg(test)]
#[path = "tests/search_internals.rs"]
mod tests;
