//! What other nodes have written: the ends of logs, and the events that a room here lacks.
//!
//! The twin of the journal's writer. One task asks for all rooms that want to know: what has queued up during
//! the last question is the next one, so that many rooms cost little more than one.

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

/// Rooms that wait for the next question; beyond that they wait to ask.
const QUEUE: usize = 1024;

/// Rooms of one question.
const ROOMS: usize = 256;

/// Events that one question brings, about; each room gets at least [`LEAST`].
const EVENTS: usize = 1024;

/// Events that a room gets at least, where there are so many.
const LEAST: usize = 4;

/// Bytes of frames that one question brings on a file.
const BYTES: usize = 4 << 20;

/// Where a session stands, and what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub epoch: String,
    /// The number of the last event.
    pub last_seq: i64,
    /// The number of the last event that is no longer kept.
    pub purged_seq: i64,
    pub status: Status,
    /// Which of its owners has the run.
    pub fence: i64,
    /// Events after the one that was asked with, in order; not always all.
    pub frames: Vec<(i64, ByteString)>,
}

struct Ask {
    session: SessionId,
    after: i64,
    answer: oneshot::Sender<Result<Option<Found>, StoreError>>,
}

/// The way to the one task; clones lead to the same.
#[derive(Clone)]
pub(crate) struct Tail(mpsc::Sender<Ask>);

impl Tail {
    /// Starts the task on the current runtime; it ends with the last clone.
    pub(crate) fn start(store: Store) -> Self {
        let (sender, asks) = mpsc::channel(QUEUE);
        tokio::spawn(run(store, asks));
        Self(sender)
    }

    /// Looks where a session stands, and for events after one; none if there is no such session any more.
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
                    // A room that is gone does not need to know.
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

/// One statement for all, on one state of the database: in the order asked, none for a session that is gone.
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
                 WHERE session_id = want.id AND seq > want.after ORDER BY seq LIMIT $4) AS e ON TRUE \
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
