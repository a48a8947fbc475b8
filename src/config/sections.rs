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
                "Empty: $STATE_DIRECTORY, $XDG_DATA_HOME/judge-auditor or ~/.local/share/judge-auditor.",
                "",
                "The directory of the database, unless its URL says otherwise, and of the signing secret.",
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
            &["\"student_t\", from 3 judges, or \"bootstrap\", from 8."],
            &[],
        )],
    },
    &Section {
        name: "metrics.hallucination_weights",
        note: "parts of the hallucination score, on any scale",
        keys: &[
            Key::of("inverse_consensus", &["1 - consensus."], &[WEIGHT]),
            Key::of(
                "verification",
                &["The share of claims that are refuted or without evidence."],
                &[WEIGHT],
            ),
            Key::of("issues", &["What the judges flagged."], &[WEIGHT]),
            Key::of(
                "confidence",
                &["1 - the judges' mean confidence."],
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
        /// Where to listen; port 0 takes a free one.
        #[serde(with = "address::required")]
        bind: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8000));
        /// Threads that serve connections; 0 is one for each core.
        workers: usize = 0, 0 to 1024;
        /// Pages that may open sockets and read answers, beside the server's own.
        ///
        /// An origin is scheme, host and port; `:*` stands for any port. Origins of this machine count only
        /// where `bind` is an address that nobody else can reach.
        allowed_origins: Vec<String> = list([
            "http://localhost:3000",
            "http://localhost:80",
            "http://localhost:8000",
            "http://127.0.0.1:*",
        ]);
        /// Names of the server; empty: addresses and names without a dot, "*" any.
        ///
        /// Names have no ports. Empty means any name where registration is closed. A request that a trusted
        /// proxy passes on is not checked.
        allowed_hosts: Vec<String> = Vec::new();
        /// Networks (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed.
        trusted_proxies: Vec<Cidr> = Vec::new();
        /// Milliseconds over which connections are sent away at a stop.
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
        /// sqlite:PATH or postgres://…; empty: judge-auditor.db in data_dir.
        ///
        /// It may hold a password, which is never printed.
        url: String = String::new();
        /// The same PostgreSQL past a pooler, for migrations and to hear of other nodes; empty: url.
        direct_url: String = String::new();
        /// Connections that are kept open.
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
        /// What people call this process; empty: the machine's name and the port.
        name: String = String::new();
        /// Milliseconds without a sign of life after which another process counts as dead.
        ///
        /// Its runs go on elsewhere then. A process that is only slow loses them as well, and begins anew.
        patience_ms: u64 = 5000, 3000 to 600_000;
        /// What tells a node of the others' events: "postgres", "none", or where NATS is.
        ///
        /// "postgres" is LISTEN and NOTIFY on a connection of its own. nats://HOST:PORT, or tls://HOST:PORT, are
        /// servers of NATS, several with commas; a name and a password before an @, or a token, are never printed. By
        /// NATS the events themselves travel, and with them users' texts. Without a bus a node looks for news in the
        /// database four times a second. All nodes have the same.
        #[serde(with = "address::required")]
        bus: BusKind = BusKind::Postgres;
        /// File of NATS credentials (a JWT and the seed of its key); empty: what bus says.
        #[serde(with = "address::optional")]
        nats_credentials_file: Option<PathBuf> = None;
        /// PEM of authorities that are trusted beside the system's for tls:// in bus.
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
        /// "open": strangers may make accounts; or "closed".
        registration: Registration = Registration::Open;
        /// The claim iss of access tokens.
        issuer: String = "judge-auditor".to_owned();
        /// The claim aud of access tokens.
        audience: String = "judge-auditor".to_owned();
        /// Seconds that an access token is valid.
        access_ttl_s: u64 = 900, 1 to 31_622_400;
        /// Seconds that a refresh token is valid.
        refresh_ttl_s: u64 = 2_592_000, 1 to 316_224_000;
        /// PEM of the Ed25519 private key that signs; empty: HS256 with a secret.
        #[serde(with = "address::optional")]
        signing_key_file: Option<PathBuf> = None;
        /// PEM, private or public, of the key whose tokens are still accepted.
        #[serde(with = "address::optional")]
        previous_signing_key_file: Option<PathBuf> = None;
        /// The secret of HS256; empty: AUDITOR_JWT_SECRET, or jwt-secret in data_dir.
        #[serde(with = "address::optional")]
        secret_file: Option<PathBuf> = None;
        /// The secret whose tokens are still accepted.
        #[serde(with = "address::optional")]
        previous_secret_file: Option<PathBuf> = None;
        /// Days that the record of security events is kept; 0 keeps all.
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
        /// Logins from one address; five times as many to one account.
        ///
        /// The limit of an account counts only addresses that it was not logged in to from before.
        logins_per_minute: u32 = 10;
        /// Accounts made from one address.
        registrations_per_hour: u32 = 20;
        /// Tokens renewed from one address; logouts count too.
        renewals_per_minute: u32 = 120;
        /// Sockets opened from one address.
        connections_per_minute: u32 = 120;
        /// Sockets that one user has open at once.
        connections_per_user: u32 = 20;
        /// Commands on one connection.
        commands_per_second: u32 = 20;
        /// Commands on one connection at once.
        ///
        /// At least 1 while `commands_per_second` is set.
        commands_burst: u32 = 40;
        /// Pings, pongs and fragments under 256 bytes on one connection.
        ///
        /// A connection that sends more is closed with 4429.
        frames_per_second: u32 = 100;
        /// The same at once.
        ///
        /// At least 1 while `frames_per_second` is set.
        frames_burst: u32 = 1000;
        /// Results that one address reads by a link.
        shared_per_minute: u32 = 120;
        /// Runs that one user starts.
        starts_per_minute: u32 = 10;
        /// Evaluations, collections and documents that one user deletes.
        deletes_per_minute: u32 = 60;
        /// Statistics that one user asks for.
        statistics_per_minute: u32 = 30;
        /// Files of evaluations that one user asks for.
        exports_per_minute: u32 = 30;
        /// Estimates of what a run takes that one user asks for.
        estimates_per_minute: u32 = 30;
        /// Checks of answers by one user, and pieces of answers that are being written.
        ///
        /// Each node counts its own: a check asks the database nothing that it can do without.
        checks_per_minute: u32 = 1200;
        /// Collections and documents that one user adds.
        uploads_per_minute: u32 = 120;
        /// Searches by one user: of collections, and of the history.
        searches_per_minute: u32 = 300;
        /// Evaluations that one user makes.
        creates_per_minute: u32 = 60;
        /// Opinions, links and preferences that one user writes.
        writes_per_minute: u32 = 120;
        /// Evaluations kept of one user.
        ///
        /// One more is refused with 409 `limit_exceeded`.
        evaluations_per_user: u64 = 10_000;
        /// Bytes kept of one user: texts, event logs, comments, documents.
        ///
        /// Beyond it nothing is made or started (409 `limit_exceeded`). What is stored beside them (claims,
        /// verdicts, indexes) is not counted, and takes about as much again.
        bytes_per_user: u64 = 1 << 30;
        /// Bytes of the bodies of one address's requests under way.
        body_bytes_per_address: usize = 32 << 20, none or 8_388_608 to 1_099_511_627_776.0;
        /// The same of all addresses together.
        ///
        /// Credentials have 8 MiB of their own.
        body_bytes: usize = 64 << 20, none or 8_388_608 to 1_099_511_627_776.0;
        /// Evaluations joined at once on one connection.
        sessions_per_connection: u32 = 32;
        /// Bytes of one message, its fragments added up.
        max_message_bytes: usize = 65_536, none or 1024 to 1_073_741_824;
        /// Missed events that a join is sent.
        replay_events: u32 = 1000;
        /// Events queued to one connection.
        outbound_events: usize = 256, 0 to 1_000_000;
        /// Their bytes.
        outbound_bytes: usize = 1_048_576, none or 1024 to 1_073_741_824;
    }
}

settings! {
    /// `[retention]`
    ///
    /// What is too old is looked for at the start and once an hour.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Retention as "retention", "how many days data is kept; 0 keeps it" {
        /// Evaluations, from when they were made or have last ended.
        evaluations_days: u32 = 0, 0 to 36_600;
        /// Events of runs that have ended.
        ///
        /// A join before the events that are left is answered with `too_far_behind`.
        events_days: u32 = 0, 0 to 36_600;
        /// What judges used, by day.
        usage_days: u32 = 0, 0 to 36_600;
        /// Refresh tokens that were used.
        ///
        /// One that comes back later is refused with 401, and does not end its login.
        spent_tokens_days: u32 = 7, 0 to 36_600;
    }
}

settings! {
    /// `[runs]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Runs as "runs", "" {
        /// Milliseconds that a run may take where its evaluation sets none.
        deadline_ms: u64 = 600_000, 1000 to 3_600_000;
        /// Runs at work at once; others wait in queued.
        max_concurrent: usize = 256, 1 to 1_000_000;
        /// Runs at work at once with over 64 KiB of text; half of them one user's at most.
        ///
        /// What is made of a text for its run takes about a hundred times its bytes of memory.
        max_concurrent_long: usize = 4, 1 to 1_000_000;
        /// Judges of an evaluation that names none.
        ///
        /// Without the model in the program (`neural.enabled = false`) the default goes without `neural`.
        default_judges: Vec<String> = list(["neural", "facts", "logic", "lexical"]);
        /// Judges that have to give a score where the evaluation sets none.
        quorum: usize = 1, 1 to 32;
    }
}

settings! {
    /// `[telemetry]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Telemetry as "telemetry", "" {
        /// A level, or directives such as info,judge_auditor::ws=debug.
        log: String = "info".to_owned();
        /// "text" or "json".
        format: Format = Format::Text;
        /// Where /metrics is served, for Prometheus; "" switches it off.
        #[serde(with = "address::optional")]
        prometheus_bind: Option<SocketAddr> = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)));
    }
}

settings! {
    /// `[neural]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Neural as "neural", "" {
        /// The model in the program: judge `neural`, and claims compared by sense.
        ///
        /// `--no-neural` switches it off.
        enabled: bool = true;
        /// Threads that it computes on at once; 0 is one for each core.
        threads: usize = 0, 0 to 1024;
        /// Whether a server loads the judges in the program once it listens.
        ///
        /// Without it the first check or audit waits for that, and the memory is taken only then.
        load_at_start: bool = true;
    }
}

settings! {
    /// `[injection]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Injection as "injection", "" {
        /// Phrases of 8 to 500 characters that look like an attack and are none.
        ///
        /// They are phrases of the operator's own texts. Case and white space do not matter; what lies
        /// within one is no sign of an attack.
        allowed_phrases: Vec<String> = Vec::new();
    }
}

settings! {
    /// `[calibration]`
    #[derive(Debug, Clone, PartialEq, Eq)]
    Calibration as "calibration", "" {
        /// What `calibrate --name` wrote; "" is none.
        file: PathBuf = PathBuf::new();
    }
}
