//! Several real processes on one real PostgreSQL database are one service.

mod deaths;
mod network;
mod nodes;
mod watching;

use nodes::{Fleet, file_of};
