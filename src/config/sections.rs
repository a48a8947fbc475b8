//! The tables of the configuration file: each setting with its default, range and description.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::address::{self, Cidr};
use super::bus::BusKind;
use super::declare::{Key, Range, Section, settings};
use super::money::Budgets;
use super::secret;
use crate::telemetry::Format;

/// The tables that occur once in the file, in the order in which they are printed.
pub(super) const SECTIONS: [&Section; 15] = [
    &Section {
        name: "",
        note: "",
        keys: &[Key::of(
            "data_dir",
            &[
                "The directory of the SQLite database and of the secret that signs tokens.",
                "",
                "Empty: $STATE_DIRECTORY, otherwise $XDG_DATA_HOME/judge-auditor or ~/.local/share/judge-auditor.",
                "`database.url` may name another place for the database.",
            ],
            &[],
        )],
    },
    &Server::SECTION,
    &Database::SECTION,
    &Fleet::SECTION,
    &Auth::SECTION,
    &Limits::SECTION,
    &Retention::SECTION,
    &Runs::SECTION,
    &Budgets::SECTION,
    &Telemetry::SECTION,
    // Types and defaults of these settings are defined in `figures`, which uses them.
    &Section {
        name: "metrics",
        note: "",
        keys: &[Key::of(
            "interval",
            &[
                "Method of the confidence interval: \"student_t\" (needs 3 judges) or \"bootstrap\" (needs 8).",
            ],
            &[],
        )],
    },
    &Section {
        name: "metrics.hallucination_weights",
        note: "weights of the components of the hallucination score; only their ratios count",
        keys: &[
            Key::of(
                "inverse_consensus",
                &["Weight of 1 - consensus."],
                &[WEIGHT],
            ),
            Key::of(
                "verification",
                &["Weight of the share of claims that are refuted or without evidence."],
                &[WEIGHT],
            ),
            Key::of(
                "issues",
                &["Weight of the issues that the judges flagged."],
                &[WEIGHT],
            ),
            Key::of(
                "confidence",
                &["Weight of 1 - the judges' mean confidence."],
                &[WEIGHT],
            ),
        ],
    },
    &Neural::SECTION,
    &Injection::SECTION,
    &Calibration::SECTION,
];

const WEIGHT: Range = Range::new(0.0, 1000.0);

fn list<const N: usize>(items: [&str; N]) -> Vec<String> {
    items.map(str::to_owned).to_vec()
}

settings! {
    /// `[server]`
    #[derive(Debug, Clone, PartialEq)]
    Server as "server", "" {
        /// Address and port to listen on; port 0 selects a free port.
        #[serde(with = "address::required")]
        bind: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8000));
        /// Number of threads that serve connections; 0: one for each core.
        workers: usize = 0, 0 to 1024;
        /// Origins of web pages that may open sockets and read answers, besides the server's own.
        ///
        /// An origin is scheme, host and port; `:*` stands for any port. Origins on this machine (localhost) are allowed
        /// only if `bind` is an address that other machines cannot reach.
        allowed_origins: Vec<String> = list([
            "http://localhost:3000",
            "http://localhost:80",
            "http://localhost:8000",
            "http://127.0.0.1:*",
        ]);
        /// Host names of the server; "*" allows any. Empty: IP addresses, and names without a dot.
        ///
        /// Names are given without ports. If the list is empty and registration is closed, any name is allowed. Requests
        /// from a trusted proxy are not checked.
        allowed_hosts: Vec<String> = Vec::new();
        /// Networks (CIDR) of proxies whose X-Forwarded-For and X-Forwarded-Proto are trusted.
        trusted_proxies: Vec<Cidr> = Vec::new();
        /// Time over which connections are closed when the server stops, in milliseconds.
        drain_ms: u64 = 20_000, 0 to 600_000;
    }
}

impl Server {
    /// Duration of a drain, from `drain_ms`.
    pub(crate) const fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}

settings! {
    /// `[database]`
    #[derive(Clone, PartialEq)]
    Database as "database", "" {
        /// URL of the database: sqlite:PATH or postgres://…; empty: judge-auditor.db in data_dir.
        ///
        /// It may hold a password, which is never printed.
        url: String = String::new();
        /// URL of the same PostgreSQL without a pooler, for migrations and LISTEN; empty: url.
        direct_url: String = String::new();
        /// Number of connections to the database that are kept open.
        pool_size: u32 = 8, 1 to 1000;
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &secret::mask_url(&self.url))
            .field("direct_url", &secret::mask_url(&self.direct_url))
            .field("pool_size", &self.pool_size)
            .finish()
    }
}

settings! {
    /// `[fleet]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Fleet as "fleet", "several processes on one PostgreSQL database" {
        /// Name of this process, for people; empty: the machine's name and the port.
        name: String = String::new();
        /// Time without a heartbeat after which another process counts as dead, in milliseconds.
        ///
        /// Other processes then continue its runs. A process that was only slow loses them too, and starts again as a new
        /// one.
        patience_ms: u64 = 5000, 3000 to 600_000;
        /// Message bus between the nodes: "postgres", "none", or the URL of NATS.
        ///
        /// "postgres" uses LISTEN and NOTIFY on a connection of its own. nats://HOST:PORT or tls://HOST:PORT is a NATS
        /// server; several are separated by commas. A name and a password before an @, or a token, are never printed.
        /// NATS carries the events themselves, and with them users' texts. Without a bus each node queries the
        /// database for changes four times a second. All nodes need the same value.
        #[serde(with = "address::required")]
        bus: BusKind = BusKind::Postgres;
        /// File with NATS credentials (a JWT and the seed of its key); empty: the credentials in bus.
        #[serde(with = "address::optional")]
        nats_credentials_file: Option<PathBuf> = None;
        /// PEM file with certificate authorities for tls:// in bus, in addition to the system's.
        #[serde(with = "address::optional")]
        nats_ca_file: Option<PathBuf> = None;
    }
}

impl Fleet {
    /// Time without a heartbeat after which a process counts as dead, from `patience_ms`.
    pub(crate) const fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }
}

/// The policy for creating accounts through the public interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Registration {
    /// Anybody may create an account.
    Open,
    /// Only the operator may create accounts.
    Closed,
}

settings! {
    /// `[auth]`
    #[derive(Debug, Clone)]
    Auth as "auth", "" {
        /// "open": anyone may create an account; "closed": only the operator may.
        registration: Registration = Registration::Open;
        /// Value of the claim iss in access tokens.
        issuer: String = "judge-auditor".to_owned();
        /// Value of the claim aud in access tokens.
        audience: String = "judge-auditor".to_owned();
        /// Lifetime of an access token, in seconds.
        access_ttl_s: u64 = 900, 1 to 31_622_400;
        /// Lifetime of a refresh token, in seconds.
        refresh_ttl_s: u64 = 2_592_000, 1 to 316_224_000;
        /// PEM file with the Ed25519 private key that signs tokens; empty: HS256 with a secret.
        #[serde(with = "address::optional")]
        signing_key_file: Option<PathBuf> = None;
        /// PEM file with the previous private or public key, whose tokens are still accepted.
        #[serde(with = "address::optional")]
        previous_signing_key_file: Option<PathBuf> = None;
        /// File with the secret of HS256; empty: AUDITOR_JWT_SECRET, or jwt-secret in data_dir.
        #[serde(with = "address::optional")]
        secret_file: Option<PathBuf> = None;
        /// File with the previous secret, whose tokens are still accepted.
        #[serde(with = "address::optional")]
        previous_secret_file: Option<PathBuf> = None;
        /// Number of days that security events are kept; 0: forever.
        security_log_days: u32 = 365, 0 to 36_600;
    }
    read {
        /// `AUDITOR_JWT_SECRET`; see [`super::Config::current_key`].
        jwt_secret: Option<SecretString>;
    }
}

impl Auth {
    /// Lifetime of an access token, from `access_ttl_s`.
    pub(crate) const fn access_ttl(&self) -> Duration {
        Duration::from_secs(self.access_ttl_s)
    }

    /// Lifetime of a refresh token, from `refresh_ttl_s`.
    pub(crate) const fn refresh_ttl(&self) -> Duration {
        Duration::from_secs(self.refresh_ttl_s)
    }
}

settings! {
    /// `[limits]`: `NonZeroU32::new` turns such a number into what a rate limiter takes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Limits as "limits", "0 means no limit" {
        /// Logins from one IP address; five times as many to one account.
        ///
        /// The limit for an account counts only logins from addresses that are new to it.
        logins_per_minute: u32 = 10;
        /// Accounts created from one IP address.
        registrations_per_hour: u32 = 20;
        /// Renewals of tokens from one IP address; logouts count too.
        renewals_per_minute: u32 = 120;
        /// Sockets opened from one IP address.
        connections_per_minute: u32 = 120;
        /// Open sockets of one user.
        connections_per_user: u32 = 20;
        /// Commands on one connection, as a sustained rate.
        commands_per_second: u32 = 20;
        /// Commands on one connection in a burst.
        ///
        /// At least 1 while `commands_per_second` is set.
        commands_burst: u32 = 40;
        /// Pings, pongs and fragments under 256 bytes on one connection, as a sustained rate.
        ///
        /// A connection that sends more is closed with 4429.
        frames_per_second: u32 = 100;
        /// Pings, pongs and fragments under 256 bytes on one connection in a burst.
        ///
        /// At least 1 while `frames_per_second` is set.
        frames_burst: u32 = 1000;
        /// Results read through links from one IP address.
        shared_per_minute: u32 = 120;
        /// Runs started by one user.
        starts_per_minute: u32 = 10;
        /// Evaluations, collections and documents deleted by one user.
        deletes_per_minute: u32 = 60;
        /// Requests for statistics by one user.
        statistics_per_minute: u32 = 30;
        /// Exports of evaluations by one user.
        exports_per_minute: u32 = 30;
        /// Requests by one user for an estimate of the usage of a run.
        estimates_per_minute: u32 = 30;
        /// Checks of answers by one user; each piece of an answer that is being written counts too.
        ///
        /// Each node counts separately, to save a query to the database.
        checks_per_minute: u32 = 1200;
        /// Collections and documents added by one user.
        uploads_per_minute: u32 = 120;
        /// Searches by one user: of collections, and of the history.
        searches_per_minute: u32 = 300;
        /// Evaluations created by one user.
        creates_per_minute: u32 = 60;
        /// Changes to feedback, links and preferences by one user.
        writes_per_minute: u32 = 120;
        /// Stored evaluations of one user.
        ///
        /// Another one is refused with 409 `limit_exceeded`.
        evaluations_per_user: u64 = 10_000;
        /// Bytes stored for one user: texts, event logs, comments, documents.
        ///
        /// Beyond it nothing can be created or started (409 `limit_exceeded`). Claims, verdicts and indexes are not
        /// counted, and take about as much space again.
        bytes_per_user: u64 = 1 << 30;
        /// Bytes of request bodies in progress from one IP address.
        body_bytes_per_address: usize = 32 << 20, none or 8_388_608 to 1_099_511_627_776.0;
        /// Bytes of request bodies in progress from all IP addresses together.
        ///
        /// Requests with credentials have a separate limit of 8 MiB.
        body_bytes: usize = 64 << 20, none or 8_388_608 to 1_099_511_627_776.0;
        /// Evaluations that one connection may join at the same time.
        sessions_per_connection: u32 = 32;
        /// Size of one message with all its fragments, in bytes.
        max_message_bytes: usize = 65_536, none or 1024 to 1_073_741_824;
        /// Missed events that a join replays.
        replay_events: u32 = 1000;
        /// Events queued for one connection.
        outbound_events: usize = 256, 0 to 1_000_000;
        /// Bytes of the events queued for one connection.
        outbound_bytes: usize = 1_048_576, none or 1024 to 1_073_741_824;
    }
}

settings! {
    /// `[retention]`
    ///
    /// Expired data is deleted at the start and once an hour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Retention as "retention", "number of days that data is kept; 0: forever" {
        /// Evaluations, counted from their creation or the end of their last run.
        evaluations_days: u32 = 0, 0 to 36_600;
        /// Events of runs that have ended.
        ///
        /// A join at a position before the remaining events is answered with `too_far_behind`. On
        /// PostgreSQL, `judge-auditor partition-events` frees the disk space month by month.
        events_days: u32 = 0, 0 to 36_600;
        /// Usage of judges, by day.
        usage_days: u32 = 0, 0 to 36_600;
        /// Used refresh tokens.
        ///
        /// If one is used again later, it is refused with 401, and its login does not end.
        spent_tokens_days: u32 = 7, 0 to 36_600;
    }
}

settings! {
    /// `[runs]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Runs as "runs", "" {
        /// Time limit of a run in milliseconds, unless its evaluation sets one.
        deadline_ms: u64 = 600_000, 1000 to 3_600_000;
        /// Maximum number of runs at work at the same time; others wait in the stage queued.
        max_concurrent: usize = 256, 1 to 1_000_000;
        /// Maximum number of runs at work with over 64 KiB of text; one user may have half.
        ///
        /// A run needs about a hundred times the size of its text in memory.
        max_concurrent_long: usize = 4, 1 to 1_000_000;
        /// Judges of an evaluation that does not name any.
        ///
        /// With `neural.enabled = false` the default does not include `neural`.
        default_judges: Vec<String> = list(["neural", "facts", "logic", "lexical"]);
        /// Minimum number of judges with a score, unless the evaluation sets one.
        quorum: usize = 1, 1 to 32;
    }
}

settings! {
    /// `[telemetry]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Telemetry as "telemetry", "" {
        /// Log level, or directives such as info,judge_auditor::ws=debug.
        log: String = "info".to_owned();
        /// Format of the log: "text" or "json".
        format: Format = Format::Text;
        /// Address and port of /metrics for Prometheus; "" switches it off.
        #[serde(with = "address::optional")]
        prometheus_bind: Option<SocketAddr> = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)));
    }
}

settings! {
    /// `[neural]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Neural as "neural", "" {
        /// Use the model in the program: for the judge `neural`, and to compare claims by meaning.
        ///
        /// `--no-neural` switches it off.
        enabled: bool = true;
        /// Number of threads for the neural model; 0: one for each core.
        threads: usize = 0, 0 to 1024;
        /// Load the model when the server has started to listen.
        ///
        /// Otherwise it is loaded by the first check or audit, which waits for it; its memory is used only from then on.
        load_at_start: bool = true;
    }
}

settings! {
    /// `[injection]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Injection as "injection", "" {
        /// Phrases of 8 to 500 characters that look like a prompt injection and are harmless.
        ///
        /// They come from the operator's own texts. Case and white space do not matter; signs within such a phrase are
        /// ignored.
        allowed_phrases: Vec<String> = Vec::new();
    }
}

settings! {
    /// `[calibration]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Calibration as "calibration", "" {
        /// File that `calibrate --name` wrote; "": no calibration.
        file: PathBuf = PathBuf::new();
    }
}
