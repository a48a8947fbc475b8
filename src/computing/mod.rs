//! Heavy computations: their threads, their order, and stopping them.
//!
//! Work on a user's text that takes more than a few milliseconds goes through [`Cores`]: a queue
//! that is fair between users, on threads that serve no connection. Its loops call
//! [`checkpoint`], which ends them once the result is no longer needed. Work that takes much
//! memory, such as reading documents and making files, waits in the same kind of queue with
//! further limits: [`Turns`]. Every module may import this one; it imports only ids from
//! `domain`. Deliberately absent: the computations themselves, and limits of their duration (each
//! rule has one, in bytes or steps).

mod cores;
mod fair_semaphore;
mod stop;
mod turns;

pub(crate) use cores::{Cores, Task, Unfinished, processors};
pub(crate) use fair_semaphore::{FairPermit, FairSemaphore};
#[cfg(test)]
pub(crate) use stop::Stopped;
pub(crate) use stop::checkpoint;
pub use stop::{Stop, stoppable};
pub(crate) use turns::{Bounds, Full, Turns, UnderWay};

#[cfg(test)]
pub(crate) use stop::recorder;
