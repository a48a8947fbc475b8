//! Gauges whose values exist elsewhere in the program and are read at each scrape.

use prometheus::IntGauge;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

/// A value that exists elsewhere in the program and is read at each scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Connections,
    Rooms,
    /// Members of rooms that are behind and pull missed events from the log.
    LaggingMembers,
    RunsLive,
    /// Runs that wait for a free slot.
    RunsQueued,
    /// Runs that hold a slot.
    RunsAtWork,
    /// Appends that are queued for the writer of the log.
    JournalQueue,
    /// 1 while the process drains before it stops.
    Draining,
    /// 1 while signals of other nodes may be missed.
    BusDeaf,
    /// Sessions about which signals of other nodes are received.
    FollowedRooms,
    /// Nodes that share the database.
    Nodes,
    /// Nodes among them that accept runs.
    NodesTakingRuns,
    /// Nodes among them whose configuration differs from that of this one.
    NodesOtherwise,
    /// Seconds since this node last renewed its heartbeat in the database.
    BeatAge,
}

impl Reading {
    pub(super) const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Connections => ("auditor_connections", "Open sockets."),
            Self::Rooms => ("auditor_rooms", "Sessions that are watched or run."),
            Self::LaggingMembers => (
                "auditor_lagging_members",
                "Members that pull what they lack.",
            ),
            Self::RunsLive => ("auditor_runs_live", "Runs that have not ended."),
            Self::RunsQueued => (
                "auditor_runs_queued",
                "Runs that wait until fewer are at work.",
            ),
            Self::RunsAtWork => ("auditor_runs_at_work", "Runs that are being worked on."),
            Self::JournalQueue => (
                "auditor_journal_queue",
                "Steps of runs that wait to be stored.",
            ),
            Self::Draining => ("auditor_draining", "1 while the process is shutting down."),
            Self::BusDeaf => (
                "auditor_bus_deaf",
                "1 while other nodes are looked at more often, since a signal of theirs might not be heard.",
            ),
            Self::FollowedRooms => (
                "auditor_fleet_followed_rooms",
                "Sessions of which this node hears what others do.",
            ),
            Self::Nodes => (
                "auditor_fleet_nodes",
                "Nodes that share the database, this one among them.",
            ),
            Self::NodesTakingRuns => (
                "auditor_fleet_nodes_taking_runs",
                "Those of them that take runs: all but those that are about to stop.",
            ),
            Self::NodesOtherwise => (
                "auditor_fleet_nodes_otherwise",
                "Those of them whose key of access tokens or settings differ from this one's; more than 0 is a mistake.",
            ),
            Self::BeatAge => (
                "auditor_fleet_beat_age_seconds",
                "Seconds since this node last showed the others that it works; 0 on SQLite.",
            ),
        }
    }
}

pub(super) struct Read {
    pub(super) gauge: IntGauge,
    pub(super) read: Box<dyn Fn() -> usize + Send + Sync>,
}

impl Collector for Read {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.gauge
            .set(i64::try_from((self.read)()).unwrap_or(i64::MAX));
        self.gauge.collect()
    }
}
