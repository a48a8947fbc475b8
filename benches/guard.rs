//! How long the guard takes for a small text: p50 and p99 of `POST /check` with 1, 8 and 32 callers, without the model
//! in the program and with it. The real binary is driven over HTTP, on SQLite; each caller asks again as soon as it
//! has its answer.
//!
//! `cargo bench --bench guard [-- CHECKS]`: so many checks a figure, 2,000 unless told.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

#[expect(dead_code, reason = "other benches use the rest")]
mod common;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use common::{CANDIDATE, Failure, Person, SOURCE, Server, profile};

const CALLERS: [usize; 3] = [1, 8, 32];
const CHECKS: usize = 2_000;
/// Checks that are not counted: the first ones load what is loaded once.
const WARM: usize = 20;
/// Long enough that everything is heard.
const BUDGET_MS: u64 = 60_000;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Cargo itself adds `--bench`.
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<usize>().ok());
    let checks = numbers.next().unwrap_or(CHECKS);
    println!("{}", profile());
    println!("{} characters beside {}", CANDIDATE.len(), SOURCE.len());
    println!("panel, callers, checks, p50 ms, p99 ms, longest ms, a second");
    let rules = ["facts", "logic", "lexical"];
    let all = ["neural", "facts", "logic", "lexical"];
    measured("without the model", "false", &rules, checks).await?;
    measured("with the model", "true", &all, checks).await
}

async fn measured(name: &str, neural: &str, judges: &[&str], checks: usize) -> Result<(), Failure> {
    let home = tempfile::tempdir()?;
    let variables = [("AUDITOR_NEURAL__ENABLED", neural)];
    let server = Server::start_with(home.path(), "127.0.0.1:9", 0, &variables)?;
    let person = Person::new(&server.address, "guard").await?;
    let body = json!({
        "source_text": SOURCE,
        "candidate_output": CANDIDATE,
        "judges": judges,
        "budget_ms": BUDGET_MS,
    });
    for _ in 0..WARM {
        check(&person, &body).await?;
    }
    for callers in CALLERS {
        let began = Instant::now();
        let mut asking = JoinSet::new();
        for _ in 0..callers {
            let (person, body) = (person.clone(), body.clone());
            let own = checks.div_ceil(callers);
            asking.spawn(async move {
                let mut times = Vec::with_capacity(own);
                for _ in 0..own {
                    times.push(check(&person, &body).await?);
                }
                Ok::<_, Failure>(times)
            });
        }
        let mut times = Vec::new();
        while let Some(own) = asking.join_next().await {
            times.extend(own??);
        }
        let took = began.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |share: f64| {
            let place = (times.len() as f64 * share).ceil() as usize;
            times[place.clamp(1, times.len()) - 1].as_secs_f64() * 1e3
        };
        println!(
            "{name}, {callers}, {}, {:.1}, {:.1}, {:.1}, {:.0}",
            times.len(),
            at(0.5),
            at(0.99),
            at(1.0),
            times.len() as f64 / took
        );
    }
    Ok(())
}

/// How long one check took, of which everything was heard.
async fn check(person: &Person, body: &Value) -> Result<Duration, Failure> {
    let began = Instant::now();
    let answer = person.post("/check", body).await?;
    let took = began.elapsed();
    if answer["missing"] != json!([]) || answer["verdict"] != "flag" {
        return Err(answer.to_string().into());
    }
    Ok(took)
}
