//! Several real processes on one real PostgreSQL database are one service.

mod commands;
mod credentials;
mod deaths;
mod demo;
mod failover;
mod limits;
mod load;
mod network;
mod nodes;
mod partitions;
mod pauses;
mod placement;
mod readiness;
mod slow_database;
mod statements;
mod upgrade;
mod watcher;
mod watching;

use nodes::{Fleet, file_of};
