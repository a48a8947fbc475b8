//! Work on shared tables that nodes do in turns: what one node leaves is done by another.
//!
//! Nodes that did it at the same time would wait for each other's row locks, in any order.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Turn {
    /// To remove deleted data.
    DeletedData,
    /// To remove old events, or to change the partitions of their table.
    Events,
}

impl Turn {
    /// Returns the key of the advisory lock, an arbitrary number that nothing else in the database
    /// uses.
    const fn key(self) -> i64 {
        match self {
            // The letters "trash" in ASCII.
            Self::DeletedData => 0x74_7261_7368,
            // The letters "events".
            Self::Events => 0x6576_656e_7473,
        }
    }
}

/// Acquires the turn until the end of the transaction. Returns false if another node has it.
pub(in crate::store) fn has_turn(db: &mut Db, turn: Turn) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        taken: bool,
    }
    match db {
        // A file has a single writer.
        Db::Sqlite(_) => Ok(true),
        Db::Pg(c) => {
            let row: Row = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS taken")
                .bind::<BigInt, _>(turn.key())
                .get_result(c)?;
            Ok(row.taken)
        }
    }
}
