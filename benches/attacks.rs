//! What texts take that were made to take long, and how soon their computation ends once nobody wants it any
//! more. What attacks over the network do to others is told by `tests/it/attacks`.
//!
//! `cargo bench --bench attacks`

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "its output is its purpose, and no actor is on its threads"
)]

use std::thread;
use std::time::{Duration, Instant};

use judge_auditor::internals::{
    Claim, ClaimId, SourceIndex, Stop, decide, detect, extract, passages, stoppable,
};
use uuid::Uuid;

/// Characters of the longest source and of the longest output.
const LONGEST: [usize; 2] = [200_000, 50_000];

/// Characters of a source that are retrieved.
const RETRIEVED: usize = 12_000;

/// Stops of one text, each somewhat later than the one before.
const STOPS: u32 = 10;

/// Once it took seconds.
const BRACKETS: usize = 30_000;

const LINES: [&str; 7] = [
    "[",
    "=== [",
    "word ",
    "\u{6f22}",
    "\u{fdfa}",
    "The mill sold 1,200 sacks in 1902. ",
    "Anna Berg met Paul Keane near Harlow. ",
];

fn main() {
    let brackets = "[".repeat(BRACKETS);
    println!(
        "{BRACKETS} brackets: signs of injection {:.1} ms, a run without judges {:.1} ms",
        milliseconds(|| drop(detect(&brackets))),
        milliseconds(|| compute(&brackets, &brackets)),
    );
    for line in LINES {
        let [source, candidate] = LONGEST.map(|chars| line.repeat(chars / line.chars().count()));
        let whole = milliseconds(|| compute(&source, &candidate));
        let mut ends: Vec<Duration> = (1..=STOPS)
            .map(|at| {
                let after =
                    Duration::from_secs_f64(whole / 1e3 * f64::from(at) / f64::from(STOPS + 1));
                stopped(&source, &candidate, after)
            })
            .collect();
        ends.sort_unstable();
        println!(
            "{line:?}: a run without judges {whole:.0} ms; from stop to end {:.1} ms (median), {:.1} ms at most",
            ends[ends.len() / 2].as_secs_f64() * 1e3,
            ends[ends.len() - 1].as_secs_f64() * 1e3,
        );
    }
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_secs_f64() * 1e3
}

/// What a run does by itself.
fn compute(source: &str, candidate: &str) {
    detect(source);
    detect(candidate);
    let claims: Vec<Claim> = extract(candidate)
        .into_iter()
        .enumerate()
        .map(|(index, draft)| Claim {
            id: ClaimId::new(Uuid::from_u128(index as u128 + 1)),
            index,
            text: draft.text,
            kind: draft.kind,
            span: draft.span,
        })
        .collect();
    let index = SourceIndex::new(source);
    passages::select(&index, &claims, None, RETRIEVED);
    for at in 0..claims.len() {
        decide(&index, &claims, at);
    }
}

/// How long it goes on after it was stopped.
fn stopped(source: &str, candidate: &str, after: Duration) -> Duration {
    let stop = Stop::default();
    thread::scope(|scope| {
        let computing = scope.spawn(|| {
            // Stopped, or quicker than the stop.
            let _ = stoppable(&stop, || compute(source, candidate));
        });
        thread::sleep(after);
        let begin = Instant::now();
        stop.raise();
        // Its end is what is measured, not what came of it.
        drop(computing.join());
        begin.elapsed()
    })
}
