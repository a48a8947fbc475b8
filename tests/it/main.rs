//! The whole program, seen from outside: every test starts the real binary and talks to it as a
//! client would. One test binary, so that it is linked once; `harness` is what the suites share.
//!
//! Each suite runs on SQLite and on PostgreSQL. For the latter `AUDITOR_TEST_POSTGRES` holds the URL
//! of a server where databases may be created; `tests/run` starts one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking, and tell what they skip and measure"
)]

#[macro_use]
mod harness;

mod abuse;
mod accounts;
mod annotations;
mod answers;
mod asyncapi;
mod attacks;
mod audit_command;
mod backup;
mod benchmark;
mod bodies;
mod calibrate;
mod cancel;
mod checkers;
mod collection_runs;
mod collections;
mod cookie;
mod cors;
mod crash;
mod database_away;
mod database_hangs;
mod deploy;
mod disk;
mod documents;
mod double_start;
mod drain;
mod edge;
mod evaluations;
mod export;
mod fairness;
mod feedback;
mod fleet;
mod floods;
mod gate;
mod guard;
mod judge_commands;
mod judges;
mod key_budgets;
mod keys;
mod life;
mod limits;
mod listing;
mod load;
mod login;
mod login_end;
mod mcp;
mod metrics;
mod money;
mod nli;
mod noise;
mod nonsense;
mod own_archive;
mod ownership;
mod page;
mod preferences;
mod problem;
mod providers;
mod readers;
mod real_model;
mod recovery;
mod removal;
mod resilience;
mod samples;
mod security;
mod security_lines;
mod service_manager;
mod sharing;
mod slow_readers;
mod socket;
mod socket_entry;
mod socket_limits;
mod sources;
mod spans;
mod sse;
mod statistics;
mod storage;
mod stream;
mod texts;
mod tokens;
mod waiting_runs;
mod wire;
