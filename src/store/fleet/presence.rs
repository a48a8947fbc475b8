//! Presence at each node: the number of connections of a user, and of members of a session.
//!
//! Each node writes its own numbers and reads the sum over the others. They are removed with the
//! row of the node, so a node that was declared dead no longer counts, and cannot write either.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use crate::domain::ids::{NodeId, SessionId, UserId};
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;
use crate::store::tables::columns::counter;

/// The subject of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Counted {
    /// Sockets and event streams of a user.
    Connections(UserId),
    /// Members that watch a session.
    Members(SessionId),
}

impl Counted {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Connections(_) => "connections",
            Self::Members(_) => "members",
        }
    }

    fn subject(&self) -> String {
        match self {
            Self::Connections(user) => user.to_string(),
            Self::Members(session) => session.to_string(),
        }
    }
}

fn columns<'a>(of: impl Iterator<Item = &'a Counted>) -> (Vec<&'static str>, Vec<String>) {
    of.map(|one| (one.kind(), one.subject())).unzip()
}

/// Locks the counts until the end of the transaction: of two clients that connect at two nodes at
/// the same time, the second sees the first.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn hold(db: &mut Db, what: &[Counted]) -> Result<(), StoreError> {
    let Db::Pg(c) = db else { return Ok(()) };
    let (kinds, subjects) = columns(what.iter());
    diesel::sql_query(
        "SELECT pg_advisory_xact_lock(number) FROM (SELECT DISTINCT hashtextextended(kind || ':' || subject, 0) \
         AS number FROM unnest($1, $2) AS asked (kind, subject) ORDER BY number) AS in_order",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(subjects)
    .execute(c)?;
    Ok(())
}

/// Stores the counts of the node.
///
/// # Errors
/// `Unavailable`, also if the node was declared dead; `Query`.
pub(crate) fn write(
    db: &mut Db,
    node: NodeId,
    shares: &[(Counted, usize)],
) -> Result<(), StoreError> {
    let Db::Pg(c) = db else { return Ok(()) };
    let node = node.to_string();
    // The row of the node is locked before its counts, in the same order as by a node that declares
    // it dead.
    let lives = diesel::sql_query("SELECT 1 FROM nodes WHERE id = $1 FOR KEY SHARE")
        .bind::<Text, _>(&node)
        .execute(c)?;
    if lives == 0 {
        return Err(StoreError::no_such_node());
    }
    let (gone, here): (Vec<_>, Vec<_>) = shares.iter().partition(|(_, n)| *n == 0);
    if !gone.is_empty() {
        let (kinds, subjects) = columns(gone.iter().map(|(one, _)| one));
        diesel::sql_query(
            "DELETE FROM fleet_presence AS p USING unnest($1, $2) AS gone (kind, subject) \
             WHERE p.kind = gone.kind AND p.subject = gone.subject AND p.node_id = $3",
        )
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<Text>, _>(subjects)
        .bind::<Text, _>(&node)
        .execute(c)?;
    }
    if here.is_empty() {
        return Ok(());
    }
    let (kinds, subjects) = columns(here.iter().map(|(one, _)| one));
    let numbers: Vec<i64> = here.iter().map(|(_, n)| counter(*n)).collect();
    diesel::sql_query(
        "INSERT INTO fleet_presence AS p (kind, subject, node_id, n) \
         SELECT kind, subject, $4, n FROM unnest($1, $2, $3) AS own (kind, subject, n) ORDER BY kind, subject \
         ON CONFLICT (kind, subject, node_id) DO UPDATE SET n = excluded.n WHERE p.n <> excluded.n",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(subjects)
    .bind::<Array<BigInt>, _>(numbers)
    .bind::<Text, _>(&node)
    .execute(c)?;
    Ok(())
}

/// Returns the sums over the other nodes, in the order of `what`.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn elsewhere(
    db: &mut Db,
    node: NodeId,
    what: &[Counted],
) -> Result<Vec<usize>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let Db::Pg(c) = db else {
        return Ok(vec![0; what.len()]);
    };
    let (kinds, subjects) = columns(what.iter());
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT coalesce((SELECT sum(p.n) FROM fleet_presence AS p WHERE p.kind = asked.kind \
         AND p.subject = asked.subject AND p.node_id <> $3), 0)::bigint AS n \
         FROM unnest($1, $2) WITH ORDINALITY AS asked (kind, subject, place) ORDER BY asked.place",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(subjects)
    .bind::<Text, _>(node.to_string())
    .load(c)?;
    let numbers = rows
        .iter()
        .map(|row| usize::try_from(row.n).unwrap_or_default());
    Ok(numbers.collect())
}

/// Returns the number of rows of the node. The table is unlogged, so a crash of the server empties
/// it.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn rows(db: &mut Db, node: NodeId) -> Result<usize, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let Db::Pg(c) = db else { return Ok(0) };
    let row: Row = diesel::sql_query("SELECT count(*) AS n FROM fleet_presence WHERE node_id = $1")
        .bind::<Text, _>(node.to_string())
        .get_result(c)?;
    Ok(usize::try_from(row.n).unwrap_or_default())
}
