//! The configuration as a file: each key with a comment, in the order in which one reads them.

use std::fmt::Write;

use toml::{Table, Value};

use super::schema::at;
use super::{Config, JudgeSettings, secret};

/// Section, and its keys with their comments. Complete: a test holds it against the schema.
pub(super) const KEYS: [(&str, &[(&str, &str)]); 14] = [
    (
        "",
        &[(
            "data_dir",
            "empty: $STATE_DIRECTORY, $XDG_DATA_HOME/judge-auditor or ~/.local/share/judge-auditor",
        )],
    ),
    (
        "server",
        &[
            ("bind", "port 0 takes a free one"),
            ("workers", "threads that serve connections; 0 is one a core"),
            (
                "allowed_origins",
                "pages that may open sockets and read answers, beside the server's own",
            ),
            (
                "allowed_hosts",
                "names of the server; empty: addresses and names without a dot, \"*\" any",
            ),
            (
                "trusted_proxies",
                "networks (CIDR) whose X-Forwarded-For and -Proto are believed",
            ),
            (
                "drain_ms",
                "over which time connections are sent away at a stop",
            ),
        ],
    ),
    (
        "database",
        &[
            (
                "url",
                "sqlite:PATH or postgres://…; empty: judge-auditor.db in data_dir",
            ),
            ("pool_size", "connections kept open"),
        ],
    ),
    (
        "auth",
        &[
            ("registration", "\"open\" or \"closed\""),
            ("issuer", "iss of access tokens"),
            ("audience", "aud of access tokens"),
            ("access_ttl_s", "life of an access token"),
            ("refresh_ttl_s", "life of a refresh token"),
            (
                "signing_key_file",
                "PEM of an Ed25519 private key; empty: HS256 with a secret",
            ),
            (
                "previous_signing_key_file",
                "PEM, private or public, of the key whose tokens are still read",
            ),
            (
                "secret_file",
                "the secret; empty: AUDITOR_JWT_SECRET, or jwt-secret in data_dir",
            ),
            (
                "previous_secret_file",
                "the secret whose tokens are still read",
            ),
            (
                "security_log_days",
                "how long security events are kept; 0 keeps all",
            ),
        ],
    ),
    (
        "limits",
        &[
            ("logins_per_minute", "an account, and an address"),
            ("registrations_per_hour", "an address"),
            ("renewals_per_minute", "an address; logouts count too"),
            ("connections_per_minute", "an address"),
            ("connections_per_user", "open at once"),
            ("commands_per_second", "a connection"),
            ("commands_burst", "a connection, at once"),
            (
                "frames_per_second",
                "a connection: pings, pongs, fragments under 256 bytes",
            ),
            ("frames_burst", "a connection, at once"),
            ("shared_per_minute", "an address: results read by a link"),
            ("starts_per_minute", "a user"),
            ("deletes_per_minute", "a user"),
            ("statistics_per_minute", "a user"),
            ("exports_per_minute", "a user"),
            ("estimates_per_minute", "a user"),
            ("uploads_per_minute", "a user"),
            (
                "searches_per_minute",
                "a user: of collections, and of the history",
            ),
            ("creates_per_minute", "a user: evaluations"),
            ("writes_per_minute", "a user: opinions, links, preferences"),
            ("evaluations_per_user", "kept"),
            (
                "bytes_per_user",
                "kept: texts, event logs, comments, documents",
            ),
            (
                "body_bytes_per_address",
                "an address: of requests under way",
            ),
            ("body_bytes", "all addresses: of requests under way"),
            ("sessions_per_connection", "joined at once"),
            ("max_message_bytes", "fragments added up"),
            ("replay_events", "missed events that a join is served"),
            ("outbound_events", "queued to one connection"),
            ("outbound_bytes", "queued to one connection"),
        ],
    ),
    (
        "retention",
        &[
            (
                "evaluations_days",
                "from when they were made or have last ended",
            ),
            ("events_days", "events of runs that have ended"),
            ("usage_days", "what judges used, by day"),
            ("spent_tokens_days", "refresh tokens that were spent"),
        ],
    ),
    (
        "runs",
        &[
            ("deadline_ms", "where the evaluation sets none"),
            (
                "max_concurrent",
                "runs at work at once; others wait in queued",
            ),
            ("default_judges", "where the evaluation names none"),
            (
                "quorum",
                "judges that have to give a score, where the evaluation says none",
            ),
        ],
    ),
    (
        "budgets",
        &[
            ("run_usd", "of one run; needs a price for every model"),
            ("run_tokens", "of one run, sent and received"),
            ("user_day_usd", "of one user on one day (UTC)"),
            ("user_day_tokens", "of one user on one day (UTC)"),
            (
                "new_user_days",
                "for how many days after its making an account is new",
            ),
            (
                "new_user_day_usd",
                "of one user whose account is new; the tighter counts",
            ),
            (
                "new_user_day_tokens",
                "of one user whose account is new; the tighter counts",
            ),
            ("day_usd", "of all users together on one day (UTC)"),
            ("day_tokens", "of all users together on one day (UTC)"),
        ],
    ),
    (
        "telemetry",
        &[
            (
                "log",
                "a level, or directives such as info,judge_auditor::ws=debug",
            ),
            ("format", "\"text\" or \"json\""),
            (
                "prometheus_bind",
                "where /metrics is served, for Prometheus; \"\" switches it off",
            ),
        ],
    ),
    (
        "metrics",
        &[(
            "interval",
            "\"student_t\" from 3 judges, or \"bootstrap\" from 8",
        )],
    ),
    (
        "metrics.hallucination_weights",
        &[
            ("inverse_consensus", "1 - consensus"),
            ("verification", "claims refuted or without evidence"),
            ("issues", "what judges flagged"),
            ("confidence", "1 - the judges' mean confidence"),
        ],
    ),
    (
        "neural",
        &[
            (
                "enabled",
                "the model in the program: judge `neural`, and claims compared by sense",
            ),
            ("threads", "that it computes on at once; 0 is one a core"),
        ],
    ),
    (
        "injection",
        &[(
            "allowed_phrases",
            "that look like an attack and are none, 8 to 500 characters",
        )],
    ),
    (
        "calibration",
        &[("file", "what `calibrate --name` wrote; \"\" is none")],
    ),
];

const SECTION_COMMENTS: [(&str, &str); 4] = [
    ("limits", "0 means none"),
    (
        "retention",
        "how long what is over is kept, in days; 0 keeps it",
    ),
    ("budgets", "what judges may use; 0 means none"),
    (
        "metrics.hallucination_weights",
        "parts of the hallucination score; any scale",
    ),
];

/// Keys of a judge, in the order in which one reads them; those at their default are left out.
pub(super) const JUDGE_KEYS: [&str; 40] = [
    "name",
    "kind",
    "base_url",
    "model",
    "api_key_env",
    "api_key_file",
    "api_key_credential",
    "api_key_header",
    "headers",
    "ca_file",
    "structured",
    "max_tokens_field",
    "temperature",
    "rubric_file",
    "repeats",
    "cache_ttl_s",
    "cache_repeats",
    "requests_per_minute",
    "tokens_per_minute",
    "circuit_failures",
    "circuit_open_ms",
    "hedge_after_ms",
    "timeout_ms",
    "max_attempts",
    "max_concurrency",
    "weight",
    "max_tokens",
    "preset",
    "folder",
    "model_file",
    "labels",
    "template",
    "question_template",
    "claim_first",
    "threshold",
    "threads",
    "batch_size",
    "window_tokens",
    "evidence_tokens",
    "max_windows",
];

const PRICES_COMMENT: &str = "\
# What tokens cost; a model without a price has no cost in the results:
# [[prices]]
# model = \"gpt-4o-mini\"
# input_usd_per_million = 0.15
# output_usd_per_million = 0.60
# kind = \"openai\"                 # where another kind has a model of the same name
";

const JUDGES_COMMENT: &str = "\
# The offline judges neural, facts, logic and lexical (also called novelty) are always there; an entry
# of such a name takes its place. Others are added:
# [[judges]]
# name = \"gpt-4o-mini\"            # unique; what clients ask for
# kind = \"openai\"                 # its chat completions; or anthropic, gemini, ollama, an offline kind
# base_url = \"https://api.openai.com/v1\"  # the other kinds have a usual one; may hold a query
# model = \"gpt-4o-mini\"
# api_key_env = \"OPENAI_API_KEY\"  # or api_key_file, or systemd's api_key_credential; never the key
# api_key_header = \"api-key\"      # Azure's; empty: as the provider wants it
# headers = { X-Title = \"Audit\" } # of every request; never a key
# ca_file = \"/etc/ssl/own-ca.pem\" # trusted beside the system's authorities
# structured = \"schema\"           # or \"json\", or \"prompt\": how the answer's shape is asked for
# max_tokens_field = \"max_tokens\" # or \"max_completion_tokens\", of OpenAI's that reason
# temperature = 0.0               # below 0 none is sent
# timeout_ms = 60000              # one attempt
# max_attempts = 3
# max_concurrency = 8             # calls under way at once, over all runs
# weight = 1.0                    # in weighted_average
# max_tokens = 2048               # longest answer asked for
# rubric_file = \"rubric.txt\"      # what to check and how to rate, in place of the built-in rubric
# [[judges]]
# name = \"deberta\"
# kind = \"nli\"                    # a cross-encoder of your own, exported to ONNX, on this machine; or spans
# preset = \"deberta-mnli\"         # a published one, whose labels and template are known: docs/how-to/checkers.md
# folder = \"/var/lib/models/deberta\"  # holds model.onnx (or model_file) and tokenizer.json
# labels = [\"contradiction\", \"entailment\", \"neutral\"]  # what its outputs mean, in their order
# threads = 1                     # that it computes on
# batch_size = 8                  # pairs of evidence and claim at once
# window_tokens = 512             # of such a pair; what the model was trained with
# threshold = 0.5                 # from which probability its word counts
# max_windows = 16                # of evidence for one claim; the best ranked ones of a long source
";

/// Where comments begin on a short line.
const COMMENT_COLUMN: usize = 34;

pub(super) fn to_toml(config: &Config) -> String {
    let mut masked = config.clone();
    masked.database.url = secret::mask_url(&masked.database.url);
    let table = Table::try_from(&masked).unwrap_or_default();
    let mut out = String::from(
        "# judge-auditor. A flag wins over the environment, that over this file. Any key can be set by\n\
         # AUDITOR_SECTION__KEY, such as AUDITOR_LIMITS__COMMANDS_PER_SECOND=50; lists by commas.\n",
    );
    for (section, keys) in KEYS {
        if !section.is_empty() {
            let comment = SECTION_COMMENTS
                .iter()
                .find(|(name, _)| *name == section)
                .map_or(String::new(), |(_, comment)| format!("  # {comment}"));
            let _ = writeln!(out, "\n[{section}]{comment}");
        }
        for (name, comment) in keys {
            let key = if section.is_empty() {
                (*name).to_owned()
            } else {
                format!("{section}.{name}")
            };
            if let Some(value) = at(&table, &key) {
                write_key(&mut out, name, value, comment);
            }
        }
    }
    out.push('\n');
    out.push_str(PRICES_COMMENT);
    for price in &config.prices {
        let table = Table::try_from(price).unwrap_or_default();
        let _ = writeln!(out, "\n[[prices]]\n{}", table.to_string().trim_end());
    }
    out.push('\n');
    out.push_str(JUDGES_COMMENT);
    for judge in &config.judges {
        write_judge(&mut out, judge);
    }
    out
}

fn write_key(out: &mut String, name: &str, value: &Value, comment: &str) {
    let line = format!("{name} = {value}");
    let width = line.chars().count();
    let _ = if width < COMMENT_COLUMN {
        let gap = COMMENT_COLUMN - width;
        writeln!(out, "{line}{:gap$}# {comment}", "")
    } else {
        writeln!(out, "# {comment}\n{line}")
    };
}

fn write_judge(out: &mut String, judge: &JudgeSettings) {
    let table = Table::try_from(judge).unwrap_or_default();
    let defaults = Table::try_from(JudgeSettings::new("", judge.kind)).unwrap_or_default();
    out.push_str("\n[[judges]]\n");
    for name in JUDGE_KEYS {
        let Some(value) = table.get(name) else {
            continue;
        };
        if name == "kind" || defaults.get(name) != Some(value) {
            let _ = writeln!(out, "{name} = {value}");
        }
    }
}
