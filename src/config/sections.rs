//! The sections of the file and their defaults.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::address::{self, Cidr};
use super::secret;
use crate::telemetry::Format;

/// `[server]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Where to listen; port 0 takes a free one.
    #[serde(with = "address::required")]
    pub bind: SocketAddr,
    /// Threads that serve connections; 0 is one a core.
    pub workers: usize,
    /// Origins whose pages may open sockets, beside the server's own; `:*` stands for any port.
    pub allowed_origins: Vec<String>,
    /// Names by which the server goes, without ports; `*` is any. Empty: where registration is open,
    /// addresses and names without a dot, else any. Requests of trusted proxies are not asked.
    pub allowed_hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Over which time connections are sent away at a stop, 0..600,000.
    pub drain_ms: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            workers: 0,
            allowed_origins: [
                "http://localhost:3000",
                "http://localhost:80",
                "http://localhost:8000",
                "http://127.0.0.1:*",
            ]
            .map(str::to_owned)
            .to_vec(),
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            drain_ms: 20_000,
        }
    }
}

impl Server {
    /// `drain_ms`.
    pub const fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}

/// `[database]`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Database {
    /// `sqlite:…` or `postgres://…`; empty: see [`super::Config::database_url`]. May hold a password.
    pub url: String,
    /// Connections kept open, 1..1,000.
    pub pool_size: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: String::new(),
            pool_size: 8,
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &secret::mask_url(&self.url))
            .field("pool_size", &self.pool_size)
            .finish()
    }
}

/// Whether strangers may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anybody.
    Open,
    /// Nobody.
    Closed,
}

/// `[auth]`
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Auth {
    /// Whether strangers may make an account.
    pub registration: Registration,
    /// `iss` of access tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Life of an access token, seconds.
    pub access_ttl_s: u64,
    /// Life of a refresh token, seconds.
    pub refresh_ttl_s: u64,
    /// PEM of the Ed25519 private key that signs access tokens; none: HS256 with a secret.
    #[serde(with = "address::optional_path")]
    pub signing_key_file: Option<PathBuf>,
    /// PEM of the Ed25519 key, private or public, whose tokens are still read.
    #[serde(with = "address::optional_path")]
    pub previous_signing_key_file: Option<PathBuf>,
    /// The secret for HS256; none: `AUDITOR_JWT_SECRET`, or the data directory's.
    #[serde(with = "address::optional_path")]
    pub secret_file: Option<PathBuf>,
    /// The secret whose tokens are still read.
    #[serde(with = "address::optional_path")]
    pub previous_secret_file: Option<PathBuf>,
    /// How long the record of security events is kept; 0 keeps all.
    pub security_log_days: u32,
    /// `AUDITOR_JWT_SECRET`; see [`super::Config::current_key`].
    #[serde(skip)]
    pub jwt_secret: Option<SecretString>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            registration: Registration::Open,
            issuer: "judge-auditor".to_owned(),
            audience: "judge-auditor".to_owned(),
            access_ttl_s: 900,
            refresh_ttl_s: 2_592_000,
            signing_key_file: None,
            previous_signing_key_file: None,
            secret_file: None,
            previous_secret_file: None,
            security_log_days: 365,
            jwt_secret: None,
        }
    }
}

impl Auth {
    /// `access_ttl_s`.
    pub const fn access_ttl(&self) -> Duration {
        Duration::from_secs(self.access_ttl_s)
    }

    /// `refresh_ttl_s`.
    pub const fn refresh_ttl(&self) -> Duration {
        Duration::from_secs(self.refresh_ttl_s)
    }
}

/// `[limits]`: 0 means none. `NonZeroU32::new` turns such a number into what a rate limiter takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// An account, and an address.
    pub logins_per_minute: u32,
    /// An address.
    pub registrations_per_hour: u32,
    /// An address; logouts count too.
    pub renewals_per_minute: u32,
    /// An address.
    pub connections_per_minute: u32,
    /// Open sockets of one user.
    pub connections_per_user: u32,
    /// A connection.
    pub commands_per_second: u32,
    /// A connection, at once.
    pub commands_burst: u32,
    /// A connection: pings, pongs, and fragments of fewer than 256 bytes.
    pub frames_per_second: u32,
    /// The same, at once.
    pub frames_burst: u32,
    /// An address: results read by a link.
    pub shared_per_minute: u32,
    /// A user.
    pub starts_per_minute: u32,
    /// A user.
    pub deletes_per_minute: u32,
    /// A user: statistics.
    pub statistics_per_minute: u32,
    /// A user: files of evaluations.
    pub exports_per_minute: u32,
    /// A user: estimates of what a run will take.
    pub estimates_per_minute: u32,
    /// A user: collections and documents added.
    pub uploads_per_minute: u32,
    /// A user: searches of collections and of the history.
    pub searches_per_minute: u32,
    /// A user: evaluations made.
    pub creates_per_minute: u32,
    /// A user: opinions, links and preferences.
    pub writes_per_minute: u32,
    /// Kept of one user.
    pub evaluations_per_user: u64,
    /// Kept of one user: texts, event logs, comments and documents.
    pub bytes_per_user: u64,
    /// Bytes that the bodies of an address's requests may hold at once.
    pub body_bytes_per_address: usize,
    /// The same of all addresses together.
    pub body_bytes: usize,
    /// Sessions joined on one connection.
    pub sessions_per_connection: u32,
    /// Of one message, its fragments added up.
    pub max_message_bytes: usize,
    /// Missed events that a join is served.
    pub replay_events: u32,
    /// Events queued to one connection.
    pub outbound_events: usize,
    /// Their bytes.
    pub outbound_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            logins_per_minute: 10,
            registrations_per_hour: 20,
            renewals_per_minute: 120,
            connections_per_minute: 120,
            connections_per_user: 20,
            commands_per_second: 20,
            commands_burst: 40,
            frames_per_second: 100,
            frames_burst: 1000,
            shared_per_minute: 120,
            starts_per_minute: 10,
            deletes_per_minute: 60,
            statistics_per_minute: 30,
            exports_per_minute: 30,
            estimates_per_minute: 30,
            uploads_per_minute: 120,
            searches_per_minute: 300,
            creates_per_minute: 60,
            writes_per_minute: 120,
            evaluations_per_user: 10_000,
            bytes_per_user: 1 << 30,
            body_bytes_per_address: 32 << 20,
            body_bytes: 64 << 20,
            sessions_per_connection: 32,
            max_message_bytes: 65_536,
            replay_events: 1000,
            outbound_events: 256,
            outbound_bytes: 1_048_576,
        }
    }
}

/// `[retention]`: how long what is over is kept, in days; 0 keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Evaluations, from when they were made or have last ended.
    pub evaluations_days: u32,
    /// Events of runs that have ended.
    pub events_days: u32,
    /// What judges used, by day.
    pub usage_days: u32,
    /// Refresh tokens that were spent.
    pub spent_tokens_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            evaluations_days: 0,
            events_days: 0,
            usage_days: 0,
            spent_tokens_days: 7,
        }
    }
}

/// `[runs]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// How long a run may take where its evaluation doesn't say, 1,000..3,600,000.
    pub deadline_ms: u64,
    /// Runs at work at once.
    pub max_concurrent: usize,
    /// Judges of an evaluation that names none.
    pub default_judges: Vec<String>,
    /// How many judges have to give a score where the evaluation doesn't say, at least 1.
    pub quorum: usize,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            deadline_ms: 600_000,
            max_concurrent: 256,
            default_judges: ["neural", "facts", "logic", "lexical"]
                .map(str::to_owned)
                .to_vec(),
            quorum: 1,
        }
    }
}

impl Runs {
    /// `deadline_ms`.
    pub const fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

/// `[telemetry]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telemetry {
    /// A level, or directives such as `info,judge_auditor::ws=debug`.
    pub log: String,
    /// How a line looks.
    pub format: Format,
    /// Where figures for Prometheus are served; none: nowhere.
    #[serde(with = "address::optional")]
    pub prometheus_bind: Option<SocketAddr>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            format: Format::Text,
            prometheus_bind: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464))),
        }
    }
}

/// `[neural]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neural {
    /// Whether the model in the binary is used: by the verifier, and as the judge `neural`.
    pub enabled: bool,
    /// Threads that it computes on at once, 0..1,024; 0 is one a core.
    pub threads: usize,
}

impl Default for Neural {
    fn default() -> Self {
        Self {
            enabled: true,
            threads: 0,
        }
    }
}

/// `[injection]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Injection {
    /// Phrases of the operator's own texts that look like an attack and are none, 8 to 500 characters each.
    pub allowed_phrases: Vec<String>,
}

/// `[calibration]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calibration {
    /// What `calibrate --name` wrote; empty: none.
    pub file: PathBuf,
}
