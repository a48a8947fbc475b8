//! Several real processes on one real PostgreSQL database are one service.

mod deaths;
mod demo;
mod limits;
mod load;
mod network;
mod nodes;
mod partitions;
mod placement;
mod upgrade;
mod watching;

use nodes::{Fleet, file_of};
