//! The actors, in the order in which they create each other: registry → room → run → judge.
//!
//! An actor imports the one that it creates, never its creator. Upwards it knows only `Recipient`s,
//! so that no two actors wait for each other. The module is used by `service`, `ws` and `sse`; a
//! room treats a socket and an event stream alike as a connection. Each of `registry`, `room` and
//! `run` is a folder with private fields; the steps of an audit are in `audit`. The registry runs
//! on the thread that started it. A room, its run and its judges share one of
//! [`registry::threads::RoomThreads`], which keeps the events of a session in order.
//! Deliberately absent: sockets and HTTP (a room knows [`outbox::Outbox`]es), the rules of a run (in
//! `domain::run`), and SQL.
//!
//! The table of messages, which is the design of back-pressure:
//!
//! | from → to (message) | call | why it is bounded |
//! |---|---|---|
//! | connection → registry, room (`Join`) | `send`, awaited with a deadline | one at a time a connection |
//! | connection → room (`CatchUp`, `Leave`) | `do_send` | at most one `CatchUp` outstanding a session |
//! | service → registry (`Cancel`, `Settle`) | `send`, awaited with a deadline | bounded by the rate limits of both doors |
//! | service → registry (`Launch`, `Close`, `Revoke`) | `do_send` | one a stored change; must not be lost |
//! | claims → registry → room → run (`Resume`, `Admit`) | `do_send` | each holds a worker slot or a loading permit, of which there are few |
//! | bus → registry → room (`Heard`, `News`, `LookAround`) | `send`, awaited; `try_send` | a bounded channel before it; what a full room misses is found by its next poll |
//! | beat → registry (`Disown`, `Cancel`) | `send`, awaited with a deadline; `do_send` | one at a time; one a requested cancellation, each second |
//! | watchdog, beat → registry (`Probe`) | `send`, awaited with a deadline | one at a time, and one task on each room thread |
//! | run → judge (`Assess`) | `do_send` | one a judge and run; the judge's permits bound the calls |
//! | judge → run (`Assessed`) | `do_send` through `Reply` | at most one an `Assess`; must not be lost |
//! | run → room (`Publish`) | `do_send` | one a stored batch |
//! | room → connection (`Deliver`) | `try_send` on one kept `Recipient` | the only message to a slow outsider; if full, the member lags and pulls |
//! | room → connection (`Replay`) | `do_send` | answers one `CatchUp`; at most 256 frames or 32 KiB |

mod delivery;
pub(crate) mod fleet;
pub(crate) mod judge;
pub(crate) mod live_counts;
pub(crate) mod messages;
pub(crate) mod outbox;
pub(crate) mod registry;
pub(crate) mod room;
pub(crate) mod run;
pub(crate) mod subscription;

#[cfg(test)]
mod testing;
