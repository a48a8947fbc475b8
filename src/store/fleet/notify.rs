//! PostgreSQL's own channel between the nodes: `LISTEN` and `NOTIFY`, on a connection of its own.
//!
//! Never inside a transaction that stores something: the server passes such notices on one after another, under one
//! lock, until each of them is on disk.

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Text};

use crate::store::StoreSettings;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// What the channel is called; each database has its own.
const CHANNEL: &str = "judge_auditor";

/// Bytes of one notice. The server takes up to 7,999.
pub(crate) const LONGEST_NOTICE: usize = 7500;

/// A connection that listens. Each of its functions blocks.
pub(crate) struct Channel {
    connection: PgConnection,
    own: i32,
}

/// What somebody told.
pub(crate) struct Notice {
    pub text: String,
    /// Whether it came from this connection.
    pub is_own: bool,
}

impl Channel {
    /// # Errors
    /// `Unavailable`, `Query`.
    pub(crate) fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        #[derive(QueryableByName)]
        struct Own {
            #[diesel(sql_type = Integer)]
            pid: i32,
        }
        let Db::Pg(mut connection) = settings.direct()?.connect()? else {
            return Err(StoreError::Query("a file has no channel".to_owned()));
        };
        // A notice that a crash of the server forgets has told nobody anything.
        diesel::sql_query("SET synchronous_commit = off").execute(&mut connection)?;
        diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(&mut connection)?;
        let own: Own =
            diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut connection)?;
        Ok(Self {
            connection,
            own: own.pid,
        })
    }

    /// Tells everybody who listens, in one transaction.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub(crate) fn tell(&mut self, notices: &[String]) -> Result<(), StoreError> {
        diesel::sql_query("SELECT pg_notify($1, notice) FROM unnest($2) AS told (notice)")
            .bind::<Text, _>(CHANNEL)
            .bind::<Array<Text>, _>(notices)
            .execute(&mut self.connection)?;
        Ok(())
    }

    /// What has come; it waits for nothing.
    ///
    /// # Errors
    /// `Unavailable`, `Query`.
    pub(crate) fn heard(&mut self) -> Result<Vec<Notice>, StoreError> {
        let own = self.own;
        let notices = self.connection.notifications_iter().map(|notice| {
            let notice = notice?;
            Ok(Notice {
                text: notice.payload,
                is_own: notice.process_id == own,
            })
        });
        notices.collect()
    }
}
