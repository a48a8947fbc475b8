//! Gauges that are not simply set: parts that add up, and figures that are read when asked for.

use prometheus::IntGauge;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;

/// A part of a gauge that many add up to; it goes with its owner.
pub struct Share {
    whole: IntGauge,
    held: i64,
}

impl Share {
    pub(super) const fn of(whole: IntGauge) -> Self {
        Self { whole, held: 0 }
    }

    /// From now on this part is so much.
    pub fn set(&mut self, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.whole.add(count - self.held);
        self.held = count;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.whole.sub(self.held);
    }
}

/// A figure that exists anyway and is read when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Open sockets.
    Connections,
    /// Rooms.
    Rooms,
    /// Runs in memory.
    RunsLive,
    /// Runs that wait for a place.
    RunsQueued,
    /// Runs that have one.
    RunsAtWork,
    /// Appends that wait for the writer of the log.
    JournalQueue,
    /// Whether the process is about to stop.
    Draining,
}

impl Reading {
    pub(super) const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Connections => ("auditor_connections", "Open sockets."),
            Self::Rooms => ("auditor_rooms", "Sessions that are watched or run."),
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
