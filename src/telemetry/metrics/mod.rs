//! Metrics for Prometheus: every metric of the process, with its name and its description.
//!
//! There is one [`Metrics`] for each process, made by `app` and handed to the code that counts. The
//! values of a label are listed here, or come from the configuration (judges) or the program
//! (routes): no text, id, token or address of a user can become one.

mod gauges;
mod put;

use std::fmt;
use std::time::Duration;

use prometheus::{
    Gauge, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

pub(crate) use gauges::Reading;
pub(crate) use put::{Error, Kinds};

use gauges::Read;
use put::Put;

/// A counter that only increases; clones share its value.
pub(crate) type Counter = IntCounter;

/// Bucket bounds for operations that take milliseconds, in seconds.
const SHORT: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Bucket bounds for operations that may wait for a language model, in seconds.
const LONG: [f64; 12] = [
    0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0,
];

/// Bucket bounds for the number of events in one transaction.
const EVENTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// The possible outcomes of a call to a judge, as values of a label.
const OUTCOMES: [&str; 6] = [
    "completed",
    "abstained",
    "failed",
    "timeout",
    "rate_limited",
    "unavailable",
];

/// The signals that nodes send to each other, as values of a label.
const SIGNALS: [&str; 5] = ["stored", "due", "stop", "gone", "revoked"];

/// All counters and histograms of the process, and the registration of gauges that are read at each
/// scrape.
pub struct Metrics {
    registry: Registry,
    /// Closed connections, by close code, `client` or `none`.
    pub closes: Kinds,
    /// Joins, by the answer that the client received.
    pub joins: Kinds,
    /// Events that were read from the log again for members that were behind.
    pub replayed: IntCounter,
    pub lags: IntCounter,
    /// Members that were disconnected because they did not read.
    pub evictions: IntCounter,
    pub runs_started: IntCounter,
    /// Ended runs, by their final status.
    pub runs_ended: Kinds,
    /// Runs whose actor stopped without an end of the run.
    pub runs_lost: IntCounter,
    /// Runs that this node resumed without having started them, by reason.
    pub claimed: Kinds,
    /// Runs that this node had to leave to another one.
    pub fenced: IntCounter,
    /// Nodes that this one has declared dead.
    pub declared_dead: IntCounter,
    /// Signals that were sent to other nodes.
    pub bus_told: Kinds,
    /// Signals that were received from other nodes.
    pub bus_heard: Kinds,
    /// Signals that were dropped because a queue was full.
    pub bus_dropped: IntCounter,
    /// Events of other nodes that only polling found, since no signal announced them.
    pub found_by_polling: IntCounter,
    /// Age of events of other nodes when they are shown here, in seconds.
    pub hear_seconds: Histogram,
    /// Seconds by which this machine's clock is ahead of the database's.
    pub clock_skew: Gauge,
    /// Runs that this node released when it stopped.
    pub released: IntCounter,
    /// Runs that were started at this node and left for any node to claim.
    pub left_to_others: IntCounter,
    judge_calls: IntCounterVec,
    judge_seconds: HistogramVec,
    pub events: IntCounter,
    /// Number of events in each transaction of the log.
    pub commit_events: Histogram,
    /// Duration of each transaction of the log, in seconds.
    pub commit_seconds: Histogram,
    /// Months of a partitioned event log that have a table of their own.
    pub event_months: Gauge,
    /// Those of them that are yet to come.
    pub event_months_ahead: Gauge,
    /// Tables of months that this node has dropped.
    pub event_months_dropped: IntCounter,
    /// Time that callers waited for a connection or for their turn to write, in seconds.
    pub database_wait: Histogram,
    /// Failed database operations, by kind.
    pub database_errors: Kinds,
    http_requests: IntCounterVec,
    http_seconds: HistogramVec,
    pub rate_limited: Kinds,
    /// Requests and connections with a valid token or key, by the kind of the credential.
    pub identified: Kinds,
    /// Failed authentications, by reason.
    pub auth_failures: Kinds,
}

impl Metrics {
    /// Makes all metrics, with a value of zero.
    ///
    /// # Errors
    /// Fails if a name is invalid or is registered twice.
    pub fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let put = Put(&registry);
        put.build_info()?;
        Ok(Self {
            closes: put.kinds(
                "auditor_closes_total",
                "Connections closed, by the code that the server sent; client: the client closed; none: it ended without a goodbye.",
                "code",
                &[
                    "1001", "1003", "1009", "1012", "4401", "4408", "4429", "4500", "4501",
                    "4503", "4504", "client", "none",
                ],
            )?,
            joins: put.kinds(
                "auditor_joins_total",
                "Joins of sessions, by outcome: recovered, live (no position given), again (was in already), why nothing was replayed, or unavailable.",
                "outcome",
                &[
                    "recovered",
                    "live",
                    "again",
                    "epoch_mismatch",
                    "too_far_behind",
                    "future_position",
                    "unavailable",
                ],
            )?,
            replayed: put.counter(
                "auditor_replayed_events_total",
                "Events handed to members from memory or the log instead of live.",
            )?,
            lags: put.counter(
                "auditor_lags_total",
                "Times that a member's outbound queue was full, so that it had to pull.",
            )?,
            evictions: put.counter(
                "auditor_evictions_total",
                "Members cut because they took nothing for too long.",
            )?,
            runs_started: put.counter("auditor_runs_started_total", "Runs started.")?,
            runs_ended: put.kinds(
                "auditor_runs_ended_total",
                "Runs ended, by outcome.",
                "outcome",
                &["completed", "failed", "cancelled"],
            )?,
            runs_lost: put.counter(
                "auditor_runs_lost_total",
                "Times that a run broke and was taken up again.",
            )?,
            claimed: put.kinds(
                "auditor_runs_claimed_total",
                "Runs that this node took up, by why: due (nobody worked on them), orphaned (their node died), ending (they only had to end), taken (their node did not end them when it was asked to).",
                "kind",
                &["due", "orphaned", "ending", "taken"],
            )?,
            fenced: put.counter(
                "auditor_runs_fenced_total",
                "Times that this node found that another has taken a run over, and stopped working on it.",
            )?,
            declared_dead: put.counter(
                "auditor_nodes_buried_total",
                "Nodes that this one found dead and whose runs it gave back.",
            )?,
            bus_told: put.kinds(
                "auditor_bus_told_total",
                "Signals told to other nodes.",
                "signal",
                &SIGNALS,
            )?,
            bus_heard: put.kinds(
                "auditor_bus_heard_total",
                "Signals heard of other nodes.",
                "signal",
                &SIGNALS,
            )?,
            bus_dropped: put.counter(
                "auditor_bus_dropped_total",
                "Signals for which there was no room; what they were about is found by a look.",
            )?,
            found_by_polling: put.counter(
                "auditor_found_by_look_total",
                "Events of other nodes that were found by a look, before a signal told of them.",
            )?,
            hear_seconds: put.histogram(
                "auditor_hear_seconds",
                "Age of the newest of some events that another node has stored when they are shown here, by the clocks of the two.",
                &SHORT,
            )?,
            clock_skew: put.gauge(
                "auditor_fleet_clock_skew_seconds",
                "Seconds that this machine's clock is before the database's, as the last sign of life found; 0 on SQLite.",
            )?,
            released: put.counter(
                "auditor_runs_released_total",
                "Runs that this node gave back to the others when it stopped.",
            )?,
            left_to_others: put.counter(
                "auditor_runs_left_to_others_total",
                "Runs that were started here and left to whichever node has a place and is less busy.",
            )?,
            judge_calls: put.counters(
                "auditor_judge_calls_total",
                "Judges heard, by outcome.",
                &["judge", "kind", "outcome"],
            )?,
            judge_seconds: put.histograms(
                "auditor_judge_call_duration_seconds",
                "Time that a judge took, all its attempts together.",
                &["judge", "kind"],
                &LONG,
            )?,
            events: put.counter(
                "auditor_events_committed_total",
                "Events stored in the logs of sessions.",
            )?,
            commit_events: put.histogram(
                "auditor_commit_events",
                "Events that one transaction of the log stored.",
                &EVENTS,
            )?,
            commit_seconds: put.histogram(
                "auditor_commit_duration_seconds",
                "Time of one transaction of the log, the wait for its connection included.",
                &SHORT,
            )?,
            event_months: put.gauge(
                "auditor_event_months",
                "Months whose events have a table of their own, as this node last counted, once an hour; 0 where the events are not partitioned.",
            )?,
            event_months_ahead: put.gauge(
                "auditor_event_months_ahead",
                "Those of them that are yet to come: 3, if they can be made; with 0 the events of the next month are kept with all that fits nowhere.",
            )?,
            event_months_dropped: put.counter(
                "auditor_event_months_dropped_total",
                "Tables of old months that this node has dropped.",
            )?,
            database_wait: put.histogram(
                "auditor_database_wait_seconds",
                "Time that a query waited for a connection, or for its turn to write.",
                &SHORT,
            )?,
            database_errors: put.kinds(
                "auditor_database_errors_total",
                "Queries that failed: unavailable (may succeed later) or refused.",
                "kind",
                &["unavailable", "refused"],
            )?,
            http_requests: put.counters(
                "auditor_http_requests_total",
                "Requests answered, by route, method and class of status.",
                &["route", "method", "status"],
            )?,
            http_seconds: put.histograms(
                "auditor_http_request_duration_seconds",
                "Time until the head of an answer was ready.",
                &["route", "method"],
                &SHORT,
            )?,
            rate_limited: put.kinds(
                "auditor_rate_limited_total",
                "Requests and commands refused by a rate limit.",
                "limit",
                &[
                    "logins_by_address",
                    "logins_by_strangers",
                    "password_changes",
                    "registrations",
                    "renewals",
                    "shared",
                    "connections",
                    "origins",
                    "starts",
                    "deletes",
                    "statistics",
                    "exports",
                    "estimates",
                    "checks",
                    "uploads",
                    "searches",
                    "creates",
                    "writes",
                    "api_keys",
                    "commands",
                    "frames",
                    "bodies",
                ],
            )?,
            identified: put.kinds(
                "auditor_identified_total",
                "Requests and connections let in, by what they came with.",
                "by",
                &["login", "api_key"],
            )?,
            auth_failures: put.kinds(
                "auditor_auth_failures_total",
                "Proofs of identity that were not good.",
                "kind",
                &[
                    "password",
                    "access_token",
                    "access_token_expired",
                    "login_ended",
                    "refresh_token",
                    "refresh_token_reused",
                    "disabled",
                    "api_key",
                    "api_key_ended",
                    "api_key_address",
                ],
            )?,
            registry,
        })
    }

    /// Creates the series of a configured judge at zero, so that they exist before its first call.
    pub fn expect_judge(&self, name: &str, kind: &str) {
        for outcome in OUTCOMES {
            self.judge_calls.with_label_values(&[name, kind, outcome]);
        }
        self.judge_seconds.with_label_values(&[name, kind]);
    }

    /// Counts a call to a configured judge, with its outcome and its duration.
    pub fn judged(&self, name: &str, kind: &str, outcome: &'static str, took: Duration) {
        self.judge_calls
            .with_label_values(&[name, kind, outcome])
            .inc();
        self.judge_seconds
            .with_label_values(&[name, kind])
            .observe(took.as_secs_f64());
    }

    /// Counts a request that was answered; `route` is the pattern of the route, never the path of
    /// the client.
    pub fn answered(&self, route: Option<&str>, method: &str, status: u16, took: Duration) {
        let route = route.unwrap_or("other");
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        let class = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        self.http_requests
            .with_label_values(&[route, method, class])
            .inc();
        self.http_seconds
            .with_label_values(&[route, method])
            .observe(took.as_secs_f64());
    }

    /// Registers a function that reads a gauge at each scrape.
    ///
    /// # Errors
    /// Fails if the gauge is registered already.
    pub fn read(
        &self,
        what: Reading,
        read: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let (name, help) = what.row();
        let gauge = IntGauge::new(name, help)?;
        let read = Box::new(read);
        self.registry.register(Box::new(Read { gauge, read }))
    }

    /// Registers a function that reads the state of a judge's circuit breaker at each scrape.
    ///
    /// # Errors
    /// Fails if the gauge is registered already.
    pub fn read_circuit(
        &self,
        name: &str,
        kind: &str,
        read: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let options = Opts::new(
            "auditor_judge_circuit",
            "Whether a judge is asked: 0 yes, 1 one call tries it, 2 no, it failed too often.",
        )
        .const_label("judge", name)
        .const_label("kind", kind);
        let gauge = IntGauge::with_opts(options)?;
        let read = Box::new(read);
        self.registry.register(Box::new(Read { gauge, read }))
    }

    /// Encodes all metrics in the Prometheus text format 0.0.4.
    ///
    /// # Errors
    /// Fails if the metrics cannot be encoded as text.
    pub fn text(&self) -> Result<String, Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
