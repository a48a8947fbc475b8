//! Pages of stored data: a user's evaluations, and an evaluation's log.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::value::RawValue;

use crate::domain::ids::{SessionId, UserId};
use crate::protocol::error::{FieldError, Refusal};
use crate::protocol::rest::{EventsPage, EventsQuery, ListQuery, ListView, Order, SortKey};
use crate::store;
use crate::store::evaluations::{Cursor, Filter, Work};

use super::views::{list_view, sort};
use super::{Service, refusal};

/// Maximum size of one page of a log, in bytes.
const PAGE_BYTES: usize = 8 << 20;

/// Maximum number of bytes that one search reads of what the index has found or can't tell: some 1,500
/// evaluations of three pages each, or 130 of the longest. When it is reached, the page ends early and
/// has a cursor.
const SEARCH_BYTES: usize = 32 << 20;

/// A cursor as the client holds it. It is valid only for the kind of list that it came from.
#[derive(serde::Serialize, serde::Deserialize)]
struct ListCursor {
    sort: SortKey,
    order: Order,
    after: Cursor,
}

impl Service {
    /// Returns a page of the user's evaluations.
    ///
    /// # Errors
    /// `validation`; `rate_limited` for searches.
    pub(crate) async fn list_evaluations(
        &self,
        owner: UserId,
        query: ListQuery,
    ) -> Result<ListView, Refusal> {
        let mut faults = query.faults();
        let after = match query
            .cursor
            .as_deref()
            .map(|text| read_cursor(text, &query))
        {
            None => None,
            Some(Some(cursor)) => Some(cursor),
            Some(None) => {
                faults.push(FieldError::new("/cursor", "is not a cursor of this list"));
                None
            }
        };
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let filter = Filter {
            status: query.status,
            q: query.q.filter(|q| !q.is_empty()),
            tag: query.tag,
            min_score: query.min_score,
            max_score: query.max_score,
            created_after: query.created_after,
            created_before: query.created_before,
            sort: sort(query.sort),
            descending: query.order == Order::Desc,
        };
        let limit = query.limit;
        let page = if filter.q.is_some() {
            self.limits.searches.check(&owner).await?;
            let page = self.store.search(move |db, stop| {
                let mut work = Work::new(SEARCH_BYTES, stop);
                store::evaluations::list(db, owner, &filter, after.as_ref(), limit, &mut work)
            });
            page.await
        } else {
            let page = self.store.read(move |db| {
                store::evaluations::list(
                    db,
                    owner,
                    &filter,
                    after.as_ref(),
                    limit,
                    &mut Work::none(),
                )
            });
            page.await
        };
        let page = page.map_err(refusal)?;
        let next_cursor = page
            .next
            .as_ref()
            .map(|after| write_cursor(query.sort, query.order, after));
        Ok(list_view(page, next_cursor.transpose()?))
    }

    /// Returns a page of an evaluation's log, as the same bytes that the socket sends.
    ///
    /// # Errors
    /// `not_found`, `validation`.
    pub(crate) async fn events(
        &self,
        owner: UserId,
        id: SessionId,
        query: EventsQuery,
    ) -> Result<EventsPage, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let EventsQuery { after_seq, limit } = query;
        let read = self
            .store
            .read(move |db| {
                let Some(position) = store::evaluations::position(db, owner, id)? else {
                    return Ok(None);
                };
                let rows = store::journal::read(db, id, after_seq, limit, PAGE_BYTES)?;
                Ok(Some((position, rows)))
            })
            .await
            .map_err(refusal)?;
        let (position, rows) = read.ok_or_else(Refusal::not_found)?;
        let events: Result<Vec<Box<RawValue>>, _> = rows
            .into_iter()
            .map(|(_, frame)| RawValue::from_string(frame.into()))
            .collect();
        let events = events.map_err(|error| {
            tracing::error!(session = %id, %error, "a stored event is not JSON");
            Refusal::internal()
        })?;
        Ok(EventsPage {
            epoch: position.epoch,
            events,
            last_seq: position.last_seq,
        })
    }
}

fn write_cursor(sort: SortKey, order: Order, after: &Cursor) -> Result<String, Refusal> {
    let cursor = ListCursor {
        sort,
        order,
        after: after.clone(),
    };
    serde_json::to_vec(&cursor)
        .map(|json| URL_SAFE_NO_PAD.encode(json))
        .map_err(|error| {
            tracing::error!(%error, "a cursor can't be encoded");
            Refusal::internal()
        })
}

fn read_cursor(text: &str, query: &ListQuery) -> Option<Cursor> {
    let json = URL_SAFE_NO_PAD.decode(text).ok()?;
    let cursor: ListCursor = serde_json::from_slice(&json).ok()?;
    let fits = cursor.sort == query.sort
        && cursor.order == query.order
        && cursor.after.fits(sort(query.sort));
    fits.then_some(cursor.after)
}

#[cfg(test)]
#[path = "tests/lists.rs"]
mod tests;
