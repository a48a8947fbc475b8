//! The processes (nodes) that share the database. A live node increments its heartbeat; one whose
//! heartbeat has stopped is declared dead by another, which removes its row and releases its runs.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::domain::ids::NodeId;
use crate::store::fleet::claims::{DIED, DIED_IN_PLACE};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::{read_id, read_time, time};
use crate::store::tables::schema::{evaluation_sessions, nodes};

/// A node that is about to join.
#[derive(Debug, Clone)]
pub(crate) struct NewNode {
    pub id: NodeId,
    /// The node's name for people.
    pub name: String,
    pub release: String,
    pub started_at: DateTime<Utc>,
    /// The `application_name` of its connections to PostgreSQL.
    pub application_name: String,
    /// Maximum number of concurrent runs; 0 means no limit.
    pub places: i64,
    /// The id of the key that signs its access tokens.
    pub signing_key_id: String,
    /// A hash of the settings that must be equal on all nodes.
    pub config_digest: String,
}

/// The present load of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Number of runs that it works on.
    pub at_work: i64,
    /// Number of open sockets and event streams.
    pub connections: i64,
    /// True while it drains before it stops.
    pub draining: bool,
    /// True while it may miss signals of other nodes.
    pub bus_deaf: bool,
}

/// A node as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub id: NodeId,
    /// The node's name for people.
    pub name: String,
    pub release: String,
    pub started_at: DateTime<Utc>,
    /// The `application_name` of its connections to PostgreSQL.
    pub application_name: String,
    /// The heartbeat, a counter that increases while the node is alive.
    pub beat: i64,
    /// Maximum number of concurrent runs; 0 means no limit.
    pub places: i64,
    /// The load that it last reported.
    pub load: Load,
    /// The id of the key that signs its access tokens.
    pub signing_key_id: String,
    /// A hash of the settings that must be equal on all nodes.
    pub config_digest: String,
}

/// Maximum wait for locks on the runs of a dead node. It is short, since the node that waits sends
/// its own heartbeat on the same connection.
const BURY_WAIT: &str = "SET LOCAL lock_timeout = '500ms'";

/// Adds a node, in place of the dead one that had the same place before it, whose runs are
/// released. A SQLite file has one process at a time, so any other node that is listed there is
/// dead.
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

/// Inserts the row of a node.
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

/// Removes a node that stops, and releases its runs. Returns the number of those runs.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn leave(db: &mut Db, node: NodeId) -> Result<usize, StoreError> {
    take_out(db, node, 0)
}

fn take_out(db: &mut Db, node: NodeId, death: i64) -> Result<usize, StoreError> {
    let id = node.to_string();
    // The row is locked first, so that the node cannot become the owner of any more runs; a start
    // that is under way waits for the lock.
    hold(db, &id)?;
    let runs = give_back(db, &id, death)?;
    diesel::delete(nodes::table.find(&id)).execute(db)?;
    Ok(runs)
}

/// Releases a node's runs; their former owner notices by the fencing token. Rows are locked in the
/// order of their ids, as the event log does, so that the two cannot deadlock.
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

/// Locks the row of a node until the end of the transaction, also against foreign keys that refer
/// to it. Returns its heartbeat.
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
        // On SQLite, the transaction holds the only write lock already.
        Db::Sqlite(c) => diesel::sql_query("SELECT beat FROM nodes WHERE id = ?")
            .bind::<Text, _>(id)
            .get_result(c)
            .optional()?,
    };
    Ok(row.map(|row| row.beat))
}

/// Declares a node dead if its heartbeat is still the one that was seen. Returns the number of runs
/// that it left, or `None` if the heartbeat has changed or another node was faster.
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

/// Terminates the connections of a node whose heartbeat is still the one that was seen. Returns the
/// number of connections. A process that was suspended may hold row locks in an open transaction,
/// for which whoever declares it dead would wait.
///
/// # Errors
/// `Unavailable`; `Query` if the database role lacks the permission.
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

/// Increments a node's heartbeat and stores its load. Returns false if the node was declared dead.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn beat(db: &mut Db, node: NodeId, load: Load) -> Result<bool, StoreError> {
    if let Db::Pg(c) = db {
        // A heartbeat that is lost in a crash of the server is followed by the next one, so this
        // commit need not wait for the disk.
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

/// Returns the database server's time; `None` for SQLite, which has no clock of its own.
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

/// Returns all nodes, the oldest first.
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
