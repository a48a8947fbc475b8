//! Locks on work that only one node does at a time, by PostgreSQL's advisory locks.
//!
//! Nodes that did it at the same time would wait for each other's row locks, in any order. What one
//! node leaves is done by another.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum AdvisoryLock {
    /// Held to remove deleted data.
    DeletedData,
    /// Held to remove old events, or to change the partitions of their table.
    Events,
}

impl AdvisoryLock {
    /// Returns an arbitrary number that nothing else in the database uses as a key.
    const fn key(self) -> i64 {
        match self {
            // The letters "trash" in ASCII.
            Self::DeletedData => 0x74_7261_7368,
            // The letters "events".
            Self::Events => 0x6576_656e_7473,
        }
    }
}

/// Acquires the lock until the end of the transaction. Returns false if another node holds it.
pub(in crate::store) fn try_lock(db: &mut Db, lock: AdvisoryLock) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        is_acquired: bool,
    }
    match db {
        // A file has a single writer.
        Db::Sqlite(_) => Ok(true),
        Db::Pg(c) => {
            let row: Row = diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS is_acquired")
                .bind::<BigInt, _>(lock.key())
                .get_result(c)?;
            Ok(row.is_acquired)
        }
    }
}
