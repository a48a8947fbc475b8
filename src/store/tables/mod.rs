//! One file a subject, with its rows and the functions that write and read them. Each function
//! works inside a transaction that its caller opened.

pub(in crate::store) mod advisory_lock;
pub(crate) mod annotations;
pub(crate) mod api_keys;
pub(crate) mod append;
pub(crate) mod changes;
pub(crate) mod collections;
pub(crate) mod columns;
pub(crate) mod creation;
pub(crate) mod evaluations;
pub(crate) mod event_months;
mod fact_rows;
pub(crate) mod feedback;
mod listing;
pub(crate) mod logins;
pub(crate) mod pages;
pub(crate) mod passages;
pub(crate) mod preferences;
pub(crate) mod quota;
pub(crate) mod retention;
mod row_lock;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod search;
mod search_index;
mod search_terms;
mod search_text;
pub(crate) mod security;
pub(crate) mod shares;
pub(crate) mod statistics;
pub(crate) mod tokens;
pub(crate) mod trash;
pub(crate) mod usage;
pub(crate) mod users;
