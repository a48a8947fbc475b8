//! Whether the threads of the registry and of the rooms are a bound: many rooms with two members each, and many
//! live runs at once. The real binary is driven over HTTP and WebSocket, on SQLite.
//!
//! `cargo bench --bench rooms [-- ROOMS [RUNS]]`: so many rooms and live runs, 10,000 and 200 unless told.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod common;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::try_join_all;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinSet;

use common::{Failure, Person, Server, Socket, is_end, profile, provide};

/// How long each judge takes.
const THINKING: Duration = Duration::from_millis(300);

/// Judges of a run.
const JUDGES: usize = 4;

/// Rooms that one socket joins.
const ROOMS_OF_A_SOCKET: usize = 100;

/// Requests at once while rooms are made.
const AT_ONCE: usize = 16;

/// How late events came, in milliseconds.
type Delays = Vec<f64>;

/// One event, as a socket got it.
struct Told {
    delay: f64,
    /// Whether it was the last of its run.
    ends: bool,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Cargo itself adds `--bench`.
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<usize>().ok());
    let rooms = numbers.next().unwrap_or(10_000);
    let runs = numbers.next().unwrap_or(200).min(rooms);
    rlimit::increase_nofile_limit(u64::MAX)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let provider = listener.local_addr()?.to_string();
    tokio::spawn(provide(listener, THINKING));
    let home = tempfile::tempdir()?;
    let server = Server::start(home.path(), &provider, JUDGES)?;
    println!("{}", profile());

    let person = Person::new(&server.address, "many-rooms").await?;
    let mut ids = Vec::with_capacity(rooms);
    while ids.len() < rooms {
        let some = (0..AT_ONCE.min(rooms - ids.len())).map(|_| person.create(JUDGES));
        ids.extend(try_join_all(some).await?);
    }
    // The runs are spread over the sockets.
    let live: Vec<&String> = ids.iter().step_by(rooms.div_ceil(runs)).collect();
    let began = Instant::now();
    let (told, mut heard) = mpsc::unbounded_channel();
    // Each answers pings from now on; all end with this value.
    let mut listening = JoinSet::new();
    for some in ids.chunks(ROOMS_OF_A_SOCKET) {
        for _ in 0..2 {
            let mut socket = person.socket().await?;
            for id in some {
                socket.join(id).await?;
            }
            listening.spawn(listen(socket, told.clone()));
        }
    }
    let joined = 2 * rooms;
    println!(
        "{joined} joins of {rooms} rooms on {} sockets, one after another: {:.2} ms each",
        listening.len(),
        began.elapsed().as_secs_f64() * 1e3 / joined as f64,
    );

    let before = server.processor_times()?;
    let began = Instant::now();
    let mut delays: Delays = Vec::new();
    let mut left = 2 * live.len();
    let listen = async {
        while left > 0 {
            tokio::select! {
                told = heard.recv() => {
                    let Told { delay, ends } = told.ok_or("nobody listens")?;
                    delays.push(delay);
                    left -= usize::from(ends);
                }
                // None of them ends by itself.
                Some(ended) = listening.join_next() => ended??,
            }
        }
        Ok::<(), Failure>(())
    };
    let (_, ()) = tokio::try_join!(try_join_all(live.iter().map(|id| person.start(id))), listen)?;
    let wall = began.elapsed().as_secs_f64();
    let after = server.processor_times()?;
    delays.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize];
    println!(
        "{} live runs of {JUDGES} judges: {wall:.2} s, {} events delivered, {:.0} a second",
        live.len(),
        delays.len(),
        delays.len() as f64 / wall,
    );
    println!(
        "an event came {:.0} ms (median), {:.0} ms (p99), {:.0} ms (at most) after its time",
        at(0.5),
        at(0.99),
        at(1.0),
    );
    let of_rooms = after.of_rooms_since(&before);
    println!(
        "the registry's thread was at work for {:.0} % of that time, the busiest of {} threads of rooms for \
         {:.0} %, all threads for {:.0} %",
        (after.registry - before.registry) / wall * 100.0,
        of_rooms.len(),
        of_rooms.iter().copied().fold(0.0, f64::max) / wall * 100.0,
        (after.all - before.all) / wall * 100.0,
    );
    Ok(())
}

/// Listens for as long as it is let.
async fn listen(mut socket: Socket, to: UnboundedSender<Told>) -> Result<(), Failure> {
    loop {
        let event = socket.next().await?;
        if let Some(delay) = delay(&event)? {
            let ends = is_end(&event)?;
            to.send(Told { delay, ends })?;
        }
    }
}

/// How long ago the event was made, in milliseconds; none for what is no event of a session.
fn delay(event: &Value) -> Result<Option<f64>, Failure> {
    if event["seq"].is_null() {
        return Ok(None);
    }
    let time = event["ts"].as_str().ok_or("an event without a time")?;
    let passed = Utc::now() - DateTime::parse_from_rfc3339(time)?.to_utc();
    Ok(Some(
        passed.num_microseconds().unwrap_or(i64::MAX) as f64 / 1e3,
    ))
}
