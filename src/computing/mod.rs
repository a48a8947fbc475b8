//! Heavy computations: where they run, in which order, and how they are stopped.
//!
//! Whatever takes a user's text as its input and more than a few milliseconds goes through [`Cores`]: a
//! fair queue by user, on threads that serve no connection. Its loops call [`checkpoint`], which ends
//! them once nobody wants the outcome any more. What holds much else, such as documents and files, waits for
//! its turn by the same queue, within bounds: [`Turns`].
//! Everybody may import this module; it imports `domain` for ids only. Deliberately not here: what is
//! computed, and how long it may take (that is a bound of each rule, in bytes or steps).

mod cores;
mod places;
mod stop;
mod turns;

pub(crate) use cores::{Cores, Task, Unfinished, processors};
pub(crate) use places::{Place, Places};
#[cfg(test)]
pub(crate) use stop::Stopped;
pub(crate) use stop::checkpoint;
pub use stop::{Stop, stoppable};
pub(crate) use turns::{Bounds, Full, Turns, UnderWay};

#[cfg(test)]
pub(crate) use stop::recorder;
