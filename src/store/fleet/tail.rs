//! Reads the logs that other nodes write: their ends, and the events that rooms at this node lack.
//!
//! It is the counterpart of the journal's writer. One task queries for all rooms together: the
//! requests that have queued up during one query form the next one, so that many rooms cost little
//! more than one.

use bytestring::ByteString;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use tokio::sync::{mpsc, oneshot};

use crate::domain::ids::SessionId;
use crate::domain::run::Status;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::read_status;
use crate::store::tables::schema::evaluation_sessions;
use crate::store::tables::trash::NOBODY;
use crate::store::{Store, journal};

/// Capacity of the queue, in requests; further rooms wait before they can queue.
const QUEUE: usize = 1024;

/// Maximum number of rooms in one query.
const ROOMS: usize = 256;

/// Approximate maximum number of events that one query returns; each room gets at least [`LEAST`].
const EVENTS: usize = 1024;

/// Minimum number of events that a room gets, if there are as many.
const LEAST: usize = 4;

/// Maximum number of bytes of frames that one query reads on SQLite.
const BYTES: usize = 4 << 20;

/// The state of a session, and the events that follow a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub epoch: String,
    /// The sequence number of the last event.
    pub last_seq: i64,
    /// The sequence number of the last event that is no longer kept.
    pub purged_seq: i64,
    pub status: Status,
    /// The fencing token of the run's owner.
    pub fence: i64,
    /// Events after the requested position, in order; there may be more of them.
    pub frames: Vec<(i64, ByteString)>,
}

struct Ask {
    session: SessionId,
    after: i64,
    answer: oneshot::Sender<Result<Option<Found>, StoreError>>,
}

/// A handle on the task; clones share it.
#[derive(Clone)]
pub(crate) struct Tail(mpsc::Sender<Ask>);

impl Tail {
    /// Starts the task on the current runtime; it ends when the last clone is dropped.
    pub(crate) fn start(store: Store) -> Self {
        let (sender, asks) = mpsc::channel(QUEUE);
        tokio::spawn(run(store, asks));
        Self(sender)
    }

    /// Reads the state of a session, and events after a position. Returns `None` if the session no
    /// longer exists.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub(crate) async fn look(
        &self,
        session: SessionId,
        after: i64,
    ) -> Result<Option<Found>, StoreError> {
        let (answer, found) = oneshot::channel();
        let ended = || StoreError::Unavailable("nobody looks any more".to_owned());
        let ask = Ask {
            session,
            after,
            answer,
        };
        self.0.send(ask).await.map_err(|_| ended())?;
        found.await.unwrap_or_else(|_| Err(ended()))
    }
}

async fn run(store: Store, mut asks: mpsc::Receiver<Ask>) {
    while let Some(first) = asks.recv().await {
        let mut batch = vec![first];
        while batch.len() < ROOMS {
            let Ok(ask) = asks.try_recv() else { break };
            batch.push(ask);
        }
        let wanted: Vec<(SessionId, i64)> =
            batch.iter().map(|ask| (ask.session, ask.after)).collect();
        let outcome = store.read(move |db| look(db, &wanted)).await;
        match outcome {
            Ok(found) => {
                for (ask, found) in batch.into_iter().zip(found) {
                    // The room may be gone, which is no error.
                    drop(ask.answer.send(Ok(found)));
                }
            }
            Err(error) => {
                for ask in batch {
                    drop(ask.answer.send(Err(error.clone())));
                }
            }
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Text)]
    epoch: String,
    #[diesel(sql_type = BigInt)]
    last_seq: i64,
    #[diesel(sql_type = BigInt)]
    purged_seq: i64,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    fence: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    seq: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    frame: Option<String>,
}

/// Reads all of them from one snapshot, on PostgreSQL in a single statement. Results are in the
/// order of `wanted`, with `None` for a session that no longer exists.
pub(in crate::store) fn look(
    db: &mut Db,
    wanted: &[(SessionId, i64)],
) -> Result<Vec<Option<Found>>, StoreError> {
    let each = (EVENTS / wanted.len().max(1)).max(LEAST);
    let each = i64::try_from(each).unwrap_or(i64::MAX);
    let rows: Vec<Row> = match db {
        Db::Sqlite(_) => {
            let one = |(session, after): &(SessionId, i64)| look_one(db, *session, *after, each);
            return wanted.iter().map(one).collect();
        }
        Db::Pg(c) => {
            let ids: Vec<String> = wanted.iter().map(|(id, _)| id.to_string()).collect();
            let afters: Vec<i64> = wanted.iter().map(|(_, after)| *after).collect();
            diesel::sql_query(
                "SELECT want.place, s.epoch, s.last_seq, s.purged_seq, s.status, s.fence, \
                 e.seq, e.frame \
                 FROM unnest($1, $2) WITH ORDINALITY AS want (id, after, place) \
                 JOIN evaluation_sessions AS s ON s.id = want.id AND s.user_id <> $3 \
                 LEFT JOIN LATERAL (SELECT seq, frame FROM session_events \
                 WHERE session_id = want.id AND seq > GREATEST(want.after, s.purged_seq) \
                 ORDER BY seq LIMIT $4) AS e ON TRUE \
                 ORDER BY want.place, e.seq",
            )
            .bind::<Array<Text>, _>(ids)
            .bind::<Array<BigInt>, _>(afters)
            .bind::<Text, _>(NOBODY)
            .bind::<BigInt, _>(each)
            .load(c)?
        }
    };
    let mut found: Vec<Option<Found>> = wanted.iter().map(|_| None).collect();
    for row in rows {
        let place = usize::try_from(row.place - 1).unwrap_or(usize::MAX);
        let Some(slot) = found.get_mut(place) else {
            continue;
        };
        let one = match slot {
            Some(one) => one,
            None => slot.insert(Found {
                epoch: row.epoch,
                last_seq: row.last_seq,
                purged_seq: row.purged_seq,
                status: read_status(&row.status)?,
                fence: row.fence,
                frames: Vec::new(),
            }),
        };
        if let (Some(seq), Some(frame)) = (row.seq, row.frame) {
            one.frames.push((seq, ByteString::from(frame)));
        }
    }
    Ok(found)
}

fn look_one(
    db: &mut Db,
    session: SessionId,
    after: i64,
    limit: i64,
) -> Result<Option<Found>, StoreError> {
    type Row = (String, i64, i64, String, i64);
    let row: Option<Row> = evaluation_sessions::table
        .find(session.to_string())
        .filter(evaluation_sessions::user_id.ne(NOBODY))
        .select((
            evaluation_sessions::epoch,
            evaluation_sessions::last_seq,
            evaluation_sessions::purged_seq,
            evaluation_sessions::status,
            evaluation_sessions::fence,
        ))
        .first(db)
        .optional()?;
    let Some((epoch, last_seq, purged_seq, status, fence)) = row else {
        return Ok(None);
    };
    Ok(Some(Found {
        epoch,
        last_seq,
        purged_seq,
        status: read_status(&status)?,
        fence,
        frames: journal::read(db, session, after, limit, BYTES)?,
    }))
}
