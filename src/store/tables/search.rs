//! Searches a user's history within limits: the number of bytes read is bounded, and the search
//! stops when its caller is gone.

use std::collections::HashMap;

use diesel::prelude::*;

use super::listing::{Cursor, Filter, Page, Summary, rows};
use super::schema::{evaluation_previews as previews, evaluation_texts as texts};
use super::search_filter::{self, Needle};
use crate::computing::Stop;
use crate::domain::ids::UserId;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Number of rows in the first portion that is read. Each further portion is twice as large, up to
/// [`MAX_PORTION`].
const FIRST_PORTION: i64 = 32;
const MAX_PORTION: i64 = 1024;

/// Cost of examining a row, beside its filter and its texts, in bytes.
const ROW_BYTES: usize = 512;

/// Number of evaluations for which one transaction computes filters, and the approximate number of
/// bytes of texts that it reads.
const SLICE: i64 = 64;
const SLICE_BYTES: usize = 8 << 20;

/// The filter of an evaluation's two texts, and its notes.
type Beside = (Option<Vec<u8>>, Option<String>);

/// Returns the texts that are short enough to be searched without a filter.
fn words_of<'a>(summary: &'a Summary, notes: Option<&'a str>) -> Vec<&'a str> {
    let texts = [summary.question.as_deref(), summary.name.as_deref(), notes];
    let tags = summary.tags.iter().map(String::as_str);
    texts.into_iter().flatten().chain(tags).collect()
}

/// Returns evaluations of the user that contain the needle, at most `limit` of them, from `after`
/// on.
///
/// If the allowance is used up before, the page ends early, and `next` is the position at which to
/// continue.
pub(crate) fn page(
    db: &mut Db,
    user: UserId,
    filter: &Filter,
    needle: &Needle,
    after: Option<&Cursor>,
    limit: i64,
    work: &mut Work,
) -> Result<Page, StoreError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut items, mut after) = (Vec::<Summary>::new(), after.cloned());
    let mut portion = FIRST_PORTION;
    loop {
        let found = rows(db, user, filter, after.as_ref(), portion)?;
        let last_portion = (found.len() as i64) < portion;
        let ids: Vec<String> = found.iter().map(|row| row.id.to_string()).collect();
        let mut beside: HashMap<String, Beside> = previews::table
            .filter(previews::session_id.eq_any(&ids))
            .select((
                previews::session_id,
                (previews::search_filter, previews::notes),
            ))
            .load::<(String, Beside)>(db)?
            .into_iter()
            .collect();
        for (summary, id) in found.into_iter().zip(ids) {
            let cursor = summary.cursor(filter.sort);
            let (bits, notes) = beside.remove(&id).unwrap_or_default();
            let words = words_of(&summary, notes.as_deref());
            let mut read = ROW_BYTES
                + bits.as_ref().map_or(0, Vec::len)
                + notes.as_ref().map_or(0, String::len);
            let mut is_found = words.iter().any(|text| needle.is_in(text));
            if !is_found && needle.may_be_in(bits.as_deref()) {
                let texts: Option<(String, String)> = texts::table
                    .find(&id)
                    .select((texts::source_text, texts::candidate_output))
                    .first(db)
                    .optional()?;
                if let Some((source, candidate)) = texts {
                    read += source.len() + candidate.len();
                    is_found = needle.is_in(&source) || needle.is_in(&candidate);
                }
            }
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

/// Computes filters for a slice of the evaluations of earlier versions. Returns their number.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn make_filters(db: &mut Db) -> Result<usize, StoreError> {
    let ids: Vec<String> = previews::table
        .filter(previews::search_filter.is_null())
        .order(previews::session_id)
        .limit(SLICE)
        .select(previews::session_id)
        .load(db)?;
    let (mut read, mut done) = (0, 0);
    for id in &ids {
        let found: Option<(String, String)> = texts::table
            .find(id)
            .select((texts::source_text, texts::candidate_output))
            .first(db)
            .optional()?;
        let (source, candidate) = found.unwrap_or_default();
        diesel::update(previews::table.find(id))
            .set(previews::search_filter.eq(search_filter::filter(&source, &candidate)))
            .execute(db)?;
        read += source.len() + candidate.len();
        done += 1;
        if read >= SLICE_BYTES {
            break;
        }
    }
    Ok(done)
}

/// The allowance of bytes that a search may still read, and whether its caller still waits.
#[derive(Debug)]
pub(crate) struct Work {
    left: usize,
    stop: Stop,
}

impl Work {
    /// Allows reading so many bytes of filters and texts.
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
