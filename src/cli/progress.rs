//! Progress of a long command: one line that is redrawn on a terminal, otherwise a new line every
//! few seconds.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::complaint::complain;

/// Minimum time between two updates on a terminal; `SELDOM` applies to anything else, such as a
/// log.
const OFTEN: Duration = Duration::from_millis(200);
const SELDOM: Duration = Duration::from_secs(5);

pub(super) struct Progress<'a> {
    what: &'a str,
    all: usize,
    done: usize,
    began: Instant,
    told: Instant,
    terminal: bool,
    shown: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(what: &'a str, all: usize) -> Self {
        let now = Instant::now();
        Self {
            what,
            all,
            done: 0,
            began: now,
            told: now,
            terminal: std::io::stderr().is_terminal(),
            shown: false,
        }
    }

    /// Counts one finished item, and updates the line if the last update is long enough ago.
    pub(super) fn step(&mut self) {
        self.done += 1;
        let often = if self.terminal { OFTEN } else { SELDOM };
        if self.told.elapsed() < often || self.done == self.all {
            return;
        }
        self.told = Instant::now();
        let line = line(self.what, self.done, self.all, self.began.elapsed());
        if self.terminal {
            self.shown = true;
            // If standard error is closed, progress has no reader.
            let _ = write!(std::io::stderr(), "\r{line}\x1b[K");
        } else {
            complain(&line);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(what: &str, done: usize, all: usize, took: Duration) -> String {
    let rate = done as f64 / took.as_secs_f64().max(1e-9);
    let left = (all - done) as f64 / rate.max(1e-9);
    let left = if left < 90.0 {
        format!("{left:.0} s")
    } else {
        format!("{:.0} min", left / 60.0)
    };
    format!("{what}: {done} of {all}, {rate:.1} a second, about {left} left")
}

#[cfg(test)]
#[path = "tests/progress.rs"]
mod tests;
