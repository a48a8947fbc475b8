//! Signals between nodes through PostgreSQL's `LISTEN` and `NOTIFY`, on a connection of their own.
//!
//! `NOTIFY` is never used in a transaction that stores data: the server serializes the commits of
//! such transactions under one lock until each is on disk.

use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Text};

use crate::store::StoreSettings;
use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// Name of the channel. Channels of different databases are separate.
const CHANNEL: &str = "judge_auditor";

/// Maximum length of one notification, in bytes. The server accepts up to 7,999.
pub(crate) const LONGEST_NOTICE: usize = 7500;

/// A connection that listens. All of its functions block.
pub(crate) struct Channel {
    connection: PgConnection,
    own: i32,
}

/// A notification that arrived on the channel.
pub(crate) struct Notice {
    pub text: String,
    /// True if this connection sent it.
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
        // Notifications are not durable anyway, so their commit need not wait for the disk.
        diesel::sql_query("SET synchronous_commit = off").execute(&mut connection)?;
        diesel::sql_query(format!("LISTEN {CHANNEL}")).execute(&mut connection)?;
        let own: Own =
            diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut connection)?;
        Ok(Self {
            connection,
            own: own.pid,
        })
    }

    /// Sends notifications to all listeners, in one transaction.
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

    /// Returns the notifications that have arrived, without waiting.
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
