//! Who does it, in which order: registry → room → run → judge.
//!
//! An actor imports the one that it creates, never the one that created it; upwards go only
//! `Recipient`s, so nobody waits for somebody who may be waiting for it. Used by `service`, `ws` and `sse`; to a
//! room, a socket and an event stream are both a connection.
//! Each of `registry`, `room` and `run` is a folder, whose fields nobody else sees; what an audit consists of is
//! in `audit`. The registry has the thread that it was started on; a room, its run and its judges share one of
//! [`registry::threads::RoomThreads`], so that what happens in one session keeps its order.
//! Deliberately not here: sockets and HTTP (a room knows [`outbox::Outbox`]es), rules (they are in
//! `domain::run`), SQL.
//!
//! The send table, which is the back-pressure design:
//!
//! | edge | call | why it is safe |
//! |---|---|---|
//! | connection → registry, room (`Join`) | `send`, awaited with a deadline | one at a time a connection |
//! | connection → room (`CatchUp`, `Leave`) | `do_send` | at most one `CatchUp` outstanding a session |
//! | service → registry (`Cancel`, `Settle`) | `send`, awaited with a deadline | bounded by the rate limits of both doors |
//! | service → registry (`Launch`, `Close`, `Revoke`) | `do_send` | one a stored change; must not be lost |
//! | claims → registry → room → run (`Resume`, `Admit`) | `do_send` | each holds a place at work or a place to load; both are few |
//! | bus → registry → room (`Heard`, `News`, `LookAround`) | `send`, awaited; `try_send` | a bounded channel before it; what a room has no place for is found by its next look |
//! | beat → registry (`Disown`, `Cancel`) | `send`, awaited with a deadline; `do_send` | one at a time; one a run that somebody wants to end, each second |
//! | watchdog, beat → registry (`Probe`) | `send`, awaited with a deadline | one at a time, and one piece of work on each thread of rooms |
//! | run → judge (`Assess`) | `do_send` | one a judge and run; the judge's permits bound the calls |
//! | judge → run (`Assessed`) | `do_send` through `Reply` | at most one an `Assess`; must not be lost |
//! | run → room (`Publish`) | `do_send` | one a stored batch |
//! | room → connection (`Deliver`) | `try_send` on one kept `Recipient` | the only edge to a slow outsider; full: the member lags and pulls |
//! | room → connection (`Replay`) | `do_send` | answers one `CatchUp`; at most 256 frames or 32 KiB |

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
