//! What the offline panel takes on one core: indexing a source, and each claim after that, by the verifier alone and
//! with the four judges, who share its comparison, by the length of the source; and the same with the model in the
//! program: its start, its memory, and each claim of prose.
//!
//! `cargo bench --bench verdicts`

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use judge_auditor::audit::claims::claims_of;
use judge_auditor::domain::claim::Claim;
use judge_auditor::evidence::compared::ComparedClaims;
use judge_auditor::evidence::{SourceIndex, decide};
use judge_auditor::judges::Case;
use judge_auditor::judges::budget::RunBudget;
use judge_auditor::judges::offline::answers;
use judge_auditor::neural::Encoder;

/// Times of which the median is told.
const RUNS: usize = 7;
/// Characters of the sources.
const LENGTHS: [usize; 5] = [2_000, 20_000, 100_000, 200_000, 800_000];

const TOWNS: [&str; 12] = [
    "Vessen", "Corrin", "Harlow", "Baltra", "Tolmin", "Ennis", "Rovik", "Sarn", "Elbach", "Quill",
    "Ostan", "Mirel",
];
const THINGS: [&str; 10] = [
    "library",
    "harbour",
    "mill",
    "bridge",
    "market",
    "school",
    "theatre",
    "station",
    "archive",
    "lighthouse",
];
const DONE: [&str; 8] = [
    "was opened",
    "was rebuilt after a fire",
    "was sold to the city",
    "was closed for repairs",
    "was painted white",
    "was moved to the river",
    "was extended by a wing",
    "was named after its founder",
];

/// Prose of about so many characters, always the same.
fn prose(length: usize) -> String {
    let mut text = String::new();
    for at in 0.. {
        if text.len() >= length {
            break;
        }
        let (town, thing, done) = (TOWNS[at * 7 % 12], THINGS[at * 3 % 10], DONE[at * 5 % 8]);
        let (year, count) = (1800 + at * 37 % 220, 10 + at * 53 % 9_000);
        text.push_str(&format!(
            "The {thing} of {town} {done} in {year}, and {count} people came to see it. "
        ));
    }
    text
}

/// The median of [`RUNS`] times.
fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn main() {
    let profile = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    println!("profile: {profile}; medians of {RUNS}, one thread");
    println!(
        "{:>10} {:>10} {:>14} {:>7} {:>18} {:>20}",
        "characters",
        "index ms",
        "index us/kchar",
        "claims",
        "verifier ms/claim",
        "+ 4 judges ms/claim"
    );
    for length in LENGTHS {
        let source = prose(length);
        let source = source.as_str();
        // Every fortieth sentence, half of them with another year.
        let candidate: String = prose(length.min(100_000))
            .split_inclusive(". ")
            .step_by(40)
            .enumerate()
            .map(|(at, line)| {
                if at % 2 == 0 {
                    line.to_owned()
                } else {
                    line.replace(" in 1", " in 2")
                }
            })
            .collect();
        let claims: Arc<[Claim]> = claims_of(&candidate).into();
        let indexing = median(|| drop(black_box(SourceIndex::new(source))));
        let index = Arc::new(SourceIndex::new(source));
        let deciding = median(|| {
            for at in 0..claims.len() {
                black_box(decide(&index, &claims, at));
            }
        });
        // Nothing is compared before the first question, and nothing twice.
        let fresh = || Case {
            source: source.into(),
            candidate: candidate.as_str().into(),
            question: None,
            compared: ComparedClaims::new(Arc::clone(&index), Arc::clone(&claims)).into(),
            passages: None,
            signs: Vec::new(),
            user: None,
            run_budget: RunBudget::default(),
        };
        let auditing = median(|| {
            let case = fresh();
            for at in 0..claims.len() {
                black_box(case.compared.verdict(at));
            }
            drop(black_box(answers(&case)));
        });
        let each = |time: Duration| time.as_secs_f64() * 1e3 / claims.len() as f64;
        println!(
            "{:>10} {:>10.2} {:>14.1} {:>7} {:>18.3} {:>20.3}",
            source.len(),
            indexing.as_secs_f64() * 1e3,
            indexing.as_secs_f64() * 1e6 / (source.len() as f64 / 1e3),
            claims.len(),
            each(deciding),
            each(auditing)
        );
    }
    neural();
}

/// Resident memory of this process in MB; none where the system does not tell.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// The model in the program: loaded, then asked of one article by an output of a dozen claims, all of it new.
fn neural() {
    let before = resident();
    let begin = Instant::now();
    let encoder = Arc::new(Encoder::new(1));
    encoder.load();
    println!(
        "\nmodel: loaded in {:.0} ms",
        begin.elapsed().as_secs_f64() * 1e3
    );
    let mut times = Vec::new();
    let mut count = 0;
    for run in 0..RUNS {
        // Another year in every sentence, so that nothing is known from the run before.
        let text = prose(1_600).replace(" in 1", &format!(" in {run}1"));
        let claims = claims_of(&text.replace("came to see it", "visited"));
        let index = SourceIndex::new(&text).looked_at_by(Some(&encoder));
        let begin = Instant::now();
        for at in 0..claims.len() {
            black_box(decide(&index, &claims, at));
        }
        times.push(begin.elapsed());
        count = claims.len();
    }
    times.sort_unstable();
    println!(
        "model: {:.1} ms a claim with its share of the source's sentences ({count} claims, one thread)",
        times[RUNS / 2].as_secs_f64() * 1e3 / count as f64
    );
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("model: {:.0} MB more of memory", after - before);
    }
}
