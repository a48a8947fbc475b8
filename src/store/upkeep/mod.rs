//! What is done to a database as a whole.

pub mod backup;
pub mod file;
pub mod restore;
