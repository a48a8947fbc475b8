//! What language-model judges cost beside the models: the time of one run over its slowest judge, and the
//! processor time of a judge's call when 200 runs are at work at once. The real binary is driven over HTTP
//! and WebSocket, on SQLite; the providers are in this process, whose processor time does not count.
//!
//! `cargo bench --bench judges [-- RUNS]`: so many runs at once, 200 unless told.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod common;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::net::TcpListener;

use common::{Failure, Person, Server, is_end, profile, provide};

/// How long each judge takes.
const THINKING: Duration = Duration::from_millis(300);

/// Judges of a run.
const JUDGES: usize = 8;

/// Runs one after another, of which the median is told.
const ALONE: usize = 20;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Cargo itself adds `--bench`.
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<usize>().ok());
    let runs = numbers.next().unwrap_or(200);
    rlimit::increase_nofile_limit(u64::MAX)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let provider = listener.local_addr()?.to_string();
    tokio::spawn(provide(listener, THINKING));
    let home = tempfile::tempdir()?;
    let server = Server::start(home.path(), &provider, JUDGES)?;
    println!("{}", profile());
    alone(&server).await?;
    // Its first connections are made; what is left is what each call costs.
    let whole = at_once(&server, runs, JUDGES).await?;
    let few = at_once(&server, runs, 1).await?;
    let more = (whole - few) / (runs * (JUDGES - 1)) as f64;
    println!(
        "of these, {:.2} ms for one more call in a run that there is anyway",
        more * 1e3
    );
    Ok(())
}

/// The time of a run over what its judges take.
async fn alone(server: &Server) -> Result<(), Failure> {
    let person = Person::new(&server.address, "alone").await?;
    let mut over_thinking = Vec::new();
    let mut over_slowest = Vec::new();
    // The first opens the connections to the provider, and is not counted.
    for run in 0..=ALONE {
        let id = person.create(JUDGES).await?;
        let mut socket = person.socket().await?;
        socket.join(&id).await?;
        let begin = Instant::now();
        person.start(&id).await?;
        let mut slowest = 0;
        loop {
            let event = socket.next().await?;
            if event["type"] == "judge_result" {
                let data = &event["data"];
                if data["status"] != "completed" {
                    return Err(format!("a judge failed: {data}").into());
                }
                slowest = slowest.max(data["response_time_ms"].as_u64().unwrap_or_default());
            }
            if is_end(&event)? {
                break;
            }
        }
        if run > 0 {
            let time = begin.elapsed().as_secs_f64() * 1e3;
            over_thinking.push(time - THINKING.as_secs_f64() * 1e3);
            over_slowest.push(time - slowest as f64);
        }
    }
    let [median, most] = middle_and_most(&mut over_thinking);
    println!(
        "{ALONE} runs of {JUDGES} judges of 300 ms, one after another: {median:.1} ms over 300 ms (median), {most:.1} ms at most"
    );
    let [median, most] = middle_and_most(&mut over_slowest);
    println!(
        "  over the slowest judge as it was measured: {median:.1} ms (median), {most:.1} ms at most"
    );
    Ok(())
}

fn middle_and_most(values: &mut [f64]) -> [f64; 2] {
    values.sort_unstable_by(f64::total_cmp);
    [values[values.len() / 2], values[values.len() - 1]]
}

/// So many runs at once; the server's processor time in seconds.
async fn at_once(server: &Server, runs: usize, judges: usize) -> Result<f64, Failure> {
    let person = Person::new(&server.address, &format!("many-{judges}")).await?;
    let mut ids = HashSet::new();
    for _ in 0..runs {
        ids.insert(person.create(judges).await?);
    }
    let mut socket = person.socket().await?;
    for id in &ids {
        socket.join(id).await?;
    }
    let before = server.processor_times()?;
    let begin = Instant::now();
    try_join_all(ids.iter().map(|id| person.start(id))).await?;
    let mut left = ids.len();
    let mut completed = 0;
    while left > 0 {
        let event = socket.next().await?;
        if event["type"] == "judge_result" && event["data"]["status"] == "completed" {
            completed += 1;
        }
        left -= usize::from(is_end(&event)?);
    }
    let wall = begin.elapsed().as_secs_f64();
    let after = server.processor_times()?;
    let used = after.all - before.all;
    let of_rooms: f64 = after.of_rooms_since(&before).iter().sum();
    let of_actors = of_rooms + after.registry - before.registry;
    let calls = runs * judges;
    if completed != calls {
        return Err(format!("{completed} of {calls} judges were heard").into());
    }
    println!(
        "{runs} runs at once, {judges} judges each: {wall:.2} s, {used:.2} s of processor time, \
         {:.2} ms for each of {calls} calls; {of_actors:.2} s of it on the threads of the registry and the rooms",
        used / calls as f64 * 1e3,
    );
    Ok(used)
}
