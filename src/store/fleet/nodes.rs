//! The processes that share the database. One that works raises its beat; one whose beat stands still is
//! buried by another: its row goes, and its runs are nobody's.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::domain::ids::NodeId;
use crate::store::fleet::claims::{DIED, DIED_IN_PLACE};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::{read_id, read_time, time};
use crate::store::tables::schema::{evaluation_sessions, nodes};

/// A node that begins.
#[derive(Debug, Clone)]
pub(crate) struct NewNode {
    pub id: NodeId,
    /// What people call it.
    pub name: String,
    pub release: String,
    pub started_at: DateTime<Utc>,
    /// What its connections to the server are called.
    pub application_name: String,
    /// Runs that it works on at once at most; 0: no bound.
    pub places: i64,
    /// Which key signs its access tokens.
    pub signing_key_id: String,
    /// Of the settings that have to be alike on all nodes.
    pub config_digest: String,
}

/// What a node does at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Runs that it works on.
    pub at_work: i64,
    /// Open sockets and event streams.
    pub connections: i64,
    /// Whether it is about to stop.
    pub draining: bool,
    /// Whether it may not hear what others tell.
    pub bus_deaf: bool,
}

/// A node as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub id: NodeId,
    /// What people call it.
    pub name: String,
    pub release: String,
    pub started_at: DateTime<Utc>,
    /// What its connections to the server are called.
    pub application_name: String,
    /// Goes up while it works.
    pub beat: i64,
    /// Runs that it works on at once at most; 0: no bound.
    pub places: i64,
    /// What it said last of what it does.
    pub load: Load,
    /// Which key signs its access tokens.
    pub signing_key_id: String,
    /// Of the settings that have to be alike on all nodes.
    pub config_digest: String,
}

/// How long the runs of a dead node are waited for, which somebody may hold: the node that buries it beats over the
/// same connection.
const BURY_WAIT: &str = "SET LOCAL lock_timeout = '500ms'";

/// Puts a node in, in place of the one that died there before it, whose runs are nobody's then. A file has one
/// process at a time: whoever else is listed there is gone.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn enter(
    db: &mut Db,
    new: &NewNode,
    predecessor: Option<NodeId>,
) -> Result<(), StoreError> {
    match (&*db, predecessor) {
        (Db::Sqlite(_), _) => {
            let owned = evaluation_sessions::table.filter(evaluation_sessions::owner.is_not_null());
            diesel::update(owned)
                .set((
                    evaluation_sessions::owner.eq(None::<String>),
                    evaluation_sessions::fence.eq(evaluation_sessions::fence + 1),
                    evaluation_sessions::orphaned.eq(evaluation_sessions::orphaned + DIED_IN_PLACE),
                ))
                .execute(db)?;
            diesel::delete(nodes::table).execute(db)?;
        }
        (Db::Pg(_), Some(before)) => take_out(db, before, DIED_IN_PLACE).map(drop)?,
        (Db::Pg(_), None) => {}
    }
    insert(db, new)
}

/// Puts a node in.
pub(in crate::store) fn insert(db: &mut Db, new: &NewNode) -> Result<(), StoreError> {
    diesel::insert_into(nodes::table)
        .values((
            nodes::id.eq(new.id.to_string()),
            nodes::name.eq(&new.name),
            nodes::release.eq(&new.release),
            nodes::started_at.eq(time(new.started_at)),
            nodes::application_name.eq(&new.application_name),
            nodes::beat.eq(0),
            nodes::draining.eq(false),
            nodes::places.eq(new.places),
            nodes::at_work.eq(0),
            nodes::connections.eq(0),
            nodes::signing_key_id.eq(&new.signing_key_id),
            nodes::config_digest.eq(&new.config_digest),
        ))
        .execute(db)?;
    Ok(())
}

/// Gives the runs of a node that stops back and takes it out; how many runs that were.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn leave(db: &mut Db, node: NodeId) -> Result<usize, StoreError> {
    take_out(db, node, 0)
}

fn take_out(db: &mut Db, node: NodeId, death: i64) -> Result<usize, StoreError> {
    let id = node.to_string();
    // First, so that nobody becomes an owner in its name any more; the rest of a start waits for it.
    hold(db, &id)?;
    let runs = give_back(db, &id, death)?;
    diesel::delete(nodes::table.find(&id)).execute(db)?;
    Ok(runs)
}

/// Makes a node's runs nobody's; whoever had them finds that by the fence. In the order of their ids, as the event
/// log takes them: in another, the two could wait for each other.
fn give_back(db: &mut Db, node: &str, death: i64) -> Result<usize, StoreError> {
    let query = match &db {
        Db::Pg(_) => {
            "WITH own AS (SELECT id FROM evaluation_sessions WHERE owner = $2 ORDER BY id FOR NO KEY UPDATE) \
             UPDATE evaluation_sessions AS s SET owner = NULL, fence = s.fence + 1, \
             orphaned = s.orphaned + $1 FROM own WHERE s.id = own.id"
        }
        Db::Sqlite(_) => {
            "UPDATE evaluation_sessions SET owner = NULL, fence = fence + 1, orphaned = orphaned + $1 \
             WHERE owner = $2"
        }
    };
    let given = diesel::sql_query(query)
        .bind::<BigInt, _>(death)
        .bind::<Text, _>(node);
    Ok(given.execute(db)?)
}

/// Holds the row of a node until the end of the transaction, against those that refer to it, too.
fn hold(db: &mut Db, id: &str) -> Result<Option<i64>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        beat: i64,
    }
    let row: Option<Row> = match db {
        Db::Pg(c) => diesel::sql_query("SELECT beat FROM nodes WHERE id = $1 FOR UPDATE")
            .bind::<Text, _>(id)
            .get_result(c)
            .optional()?,
        // The transaction holds the file.
        Db::Sqlite(c) => diesel::sql_query("SELECT beat FROM nodes WHERE id = ?")
            .bind::<Text, _>(id)
            .get_result(c)
            .optional()?,
    };
    Ok(row.map(|row| row.beat))
}

/// Buries a node whose beat still stands where it was seen; how many runs it left behind, and none where it
/// has moved or somebody else was first. Of several who try one does it.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn bury(db: &mut Db, dead: NodeId, beat: i64) -> Result<Option<usize>, StoreError> {
    let id = dead.to_string();
    if let Db::Pg(c) = db {
        diesel::sql_query(BURY_WAIT).execute(c)?;
    }
    if hold(db, &id)? != Some(beat) {
        return Ok(None);
    }
    let runs = give_back(db, &id, DIED)?;
    diesel::delete(nodes::table.find(&id)).execute(db)?;
    Ok(Some(runs))
}

/// Ends the connections of a node to the server whose beat still stands where it was seen; how many. A process that
/// is stopped may hold rows in a transaction that it does not end, and whoever buries it would wait for them.
///
/// # Errors
/// `Unavailable`; `Query` where the role may not.
pub(crate) fn end_connections(
    db: &mut Db,
    dead: NodeId,
    application_name: &str,
    beat: i64,
) -> Result<usize, StoreError> {
    match db {
        Db::Sqlite(_) => Ok(0),
        Db::Pg(c) => Ok(diesel::sql_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid() \
             AND EXISTS (SELECT 1 FROM nodes WHERE id = $2 AND beat = $3)",
        )
        .bind::<Text, _>(application_name)
        .bind::<Text, _>(dead.to_string())
        .bind::<BigInt, _>(beat)
        .execute(c)?),
    }
}

/// Raises a node's beat and says what it does. False: it was taken for dead.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn beat(db: &mut Db, node: NodeId, load: Load) -> Result<bool, StoreError> {
    if let Db::Pg(c) = db {
        // A beat that a crash of the server forgets is followed by the next: it need not wait for the disk.
        diesel::sql_query("SET LOCAL synchronous_commit = off").execute(c)?;
    }
    let raised = diesel::update(nodes::table.find(node.to_string()))
        .set((
            nodes::beat.eq(nodes::beat + 1),
            nodes::draining.eq(load.draining),
            nodes::at_work.eq(load.at_work),
            nodes::connections.eq(load.connections),
            nodes::bus_deaf.eq(load.bus_deaf),
        ))
        .execute(db)?;
    Ok(raised > 0)
}

/// The server's own time; a file has none.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn clock(db: &mut Db) -> Result<Option<DateTime<Utc>>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        micros: i64,
    }
    let Db::Pg(c) = db else { return Ok(None) };
    let row: Row = diesel::sql_query(
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros",
    )
    .get_result(c)?;
    Ok(DateTime::from_timestamp_micros(row.micros))
}

/// All nodes, the oldest first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn all(db: &mut Db) -> Result<Vec<Node>, StoreError> {
    type Row = (
        String,
        String,
        String,
        NaiveDateTime,
        String,
        i64,
        bool,
        i64,
        i64,
        i64,
        String,
        String,
        bool,
    );
    let rows: Vec<Row> = nodes::table
        .order((nodes::started_at.asc(), nodes::id.asc()))
        .load(db)?;
    let nodes = rows.into_iter().map(|row| {
        let (id, name, release, started_at, application_name, beat, draining, ..) = &row;
        Ok(Node {
            id: read_id(id)?,
            name: name.clone(),
            release: release.clone(),
            started_at: read_time(*started_at),
            application_name: application_name.clone(),
            beat: *beat,
            places: row.7,
            load: Load {
                at_work: row.8,
                connections: row.9,
                draining: *draining,
                bus_deaf: row.12,
            },
            signing_key_id: row.10.clone(),
            config_digest: row.11.clone(),
        })
    });
    nodes.collect()
}
