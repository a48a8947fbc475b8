//! The months by which the event log may be partitioned, on PostgreSQL.
//!
//! A session's id begins with the time at which it was made (UUID version 7), so that a month of
//! sessions is a range of ids, whatever the log's rows say. `store::upkeep::partitioning` makes a
//! partitioned table of the log; until then, and on SQLite, there are no months.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use uuid::Uuid;

use crate::store::pool::connection::Db;
use crate::store::pool::error::StoreError;

/// The event log.
pub(in crate::store) const LOG: &str = "session_events";

/// The partition with all sessions from before the first month.
pub(in crate::store) const BEFORE: &str = "session_events_before";

/// The partition of sessions that belong to no other.
pub(in crate::store) const DEFAULT: &str = "session_events_default";

/// A month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month {
    year: i32,
    /// From 1 to 12.
    month: u32,
}

impl Month {
    pub(crate) fn of(time: DateTime<Utc>) -> Self {
        Self {
            year: time.year(),
            month: time.month(),
        }
    }

    /// Returns the time at which a session was made by the clock of its node; `None` for an id that
    /// is not a UUID.
    pub(in crate::store) fn time_of_session(id: &str) -> Option<DateTime<Utc>> {
        let id = Uuid::parse_str(id).ok()?;
        // 48 bits of milliseconds come first.
        let millis = i64::try_from(id.as_u128() >> 80).ok()?;
        DateTime::from_timestamp_millis(millis)
    }

    /// Returns the month in which a session was made.
    pub(in crate::store) fn of_session(id: &str) -> Option<Self> {
        Self::time_of_session(id).map(Self::of)
    }

    pub(crate) fn next(self) -> Self {
        if self.month == 12 {
            Self {
                year: self.year + 1,
                month: 1,
            }
        } else {
            Self {
                month: self.month + 1,
                ..self
            }
        }
    }

    pub(crate) fn start(self) -> DateTime<Utc> {
        NaiveDate::from_ymd_opt(self.year, self.month, 1)
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .map_or(DateTime::<Utc>::MAX_UTC, |time| time.and_utc())
    }

    /// Returns the lowest id that a session of this month can have.
    ///
    /// It has the form of a whole id, so that every collation that sorts digits before letters
    /// compares the two alike.
    pub(in crate::store) fn lowest_id(self) -> String {
        let millis = u128::try_from(self.start().timestamp_millis()).unwrap_or_default();
        Uuid::from_u128(millis << 80).to_string()
    }

    /// Returns the name of the month's partition.
    pub(in crate::store) fn table(self) -> String {
        format!("{LOG}_{:04}_{:02}", self.year, self.month)
    }

    /// Returns the month whose partition has this name.
    fn of_table(name: &str) -> Option<Self> {
        let (year, month) = name.strip_prefix(LOG)?.strip_prefix('_')?.split_once('_')?;
        let found = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
        };
        // Anything else with such a name is not ours.
        ((1..=12).contains(&found.month) && found.table() == name).then_some(found)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// The partitions of the event log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Partitions {
    /// The months that have a partition.
    pub months: BTreeSet<Month>,
    /// The first month after the partition with what was there before, if that still exists.
    pub before: Option<Month>,
}

impl Partitions {
    /// Returns whether the session's events go with those of its month.
    pub(in crate::store) fn has_month_of(&self, session: &str) -> bool {
        Month::of_session(session).is_some_and(|month| self.months.contains(&month))
    }
}

/// Reads the partitions; `None` if the log is not partitioned, and on SQLite.
///
/// # Errors
/// `Unavailable`, `Query`.
pub(crate) fn partitions(db: &mut Db) -> Result<Option<Partitions>, StoreError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        bound: String,
    }
    let Db::Pg(c) = db else { return Ok(None) };
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT part.relname::text AS name, pg_get_expr(part.relpartbound, part.oid) AS bound \
         FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid \
         JOIN pg_partitioned_table ON partrelid = inhparent \
         WHERE inhparent = to_regclass($1) AND NOT inhdetachpending",
    )
    .bind::<Text, _>(LOG)
    .load(c)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let before = rows.iter().find(|row| row.name == BEFORE);
    Ok(Some(Partitions {
        months: rows
            .iter()
            .filter_map(|row| Month::of_table(&row.name))
            .collect(),
        // `FOR VALUES FROM (MINVALUE) TO ('…')`.
        before: before
            .and_then(|row| row.bound.rsplit('\'').nth(1))
            .and_then(Month::of_session),
    }))
}

#[cfg(test)]
#[path = "tests/event_months.rs"]
mod tests;
