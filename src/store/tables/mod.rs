//! One file a subject: its rows, written and read. Each function works inside a transaction that its caller
//! opened.

pub(crate) mod changes;
pub mod collections;
pub(crate) mod columns;
pub mod creation;
pub mod evaluations;
mod fact_rows;
pub mod feedback;
mod listing;
pub mod logins;
pub mod pages;
pub mod passages;
pub mod preferences;
pub mod quota;
pub mod retention;
pub mod runs;
pub(crate) mod schema;
pub mod search;
mod search_filter;
pub mod security;
pub mod shares;
pub mod statistics;
pub mod tokens;
pub mod trash;
pub mod usage;
pub mod users;
