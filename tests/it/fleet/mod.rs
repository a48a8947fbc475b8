//! Several real processes on one real PostgreSQL database are one service.

mod deaths;
mod demo;
mod limits;
mod network;
mod nodes;
mod placement;
mod upgrade;
mod watching;

use nodes::{Fleet, file_of};
