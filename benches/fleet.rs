//! How a service of several nodes grows: runs a second where judges are slow, committed events a second, how much later
//! another node shows an event than its own, by either bus, and what an event costs the database.
//!
//! `cargo bench --bench fleet [-- NODES [RUNS [PLACES]]]`: 1 to so many nodes, 3 unless told, with so many runs a node, 64
//! unless told, of which each node works on so many at once, 2 unless told: few enough that the judges are what is waited
//! for, and not the cores that all nodes, the database and the clients share here. Needs a PostgreSQL on this machine, which `AUDITOR_TEST_POSTGRES` names (the URL of an administrator), and for
//! the second bus the program `nats-server`.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

#[expect(dead_code, reason = "each bench uses a part of it")]
mod common;

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener as StdListener, TcpStream as StdStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::connection::{Connection, SimpleConnection};
use diesel::sql_types::Integer;
use diesel::{PgConnection, QueryableByName, RunQueryDsl};
use futures_util::future::try_join_all;
use tokio::net::TcpListener;

use common::{Failure, Person, Server, Socket, is_end, processor_time, profile, provide};

/// How long each judge takes.
const THINKING: Duration = Duration::from_millis(300);

/// Judges of a run.
const JUDGES: usize = 4;

/// Runs that a node works on at once.
const PLACES: usize = 2;

/// Requests at once.
const AT_ONCE: usize = 16;

/// Signs the access tokens of all nodes.
const SECRET: &str = "a secret that all nodes of the bench have in common";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Cargo itself adds `--bench`.
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<usize>().ok());
    let most = numbers.next().unwrap_or(3).max(1);
    let runs = numbers.next().unwrap_or(64);
    let places = numbers.next().unwrap_or(PLACES).max(1);
    let Some(admin) = server() else {
        println!("skipped, AUDITOR_TEST_POSTGRES is not set");
        return Ok(());
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let provider = listener.local_addr()?.to_string();
    tokio::spawn(provide(listener, THINKING));
    println!("{}", profile());
    let nats = Nats::start()?;
    if nats.is_none() {
        println!("nats: skipped, there is no nats-server");
    }
    for nodes in 1..=most {
        let mut buses = vec![("postgres", "postgres".to_owned())];
        // One node tells nobody anything.
        if let Some(nats) = nats.as_ref().filter(|_| nodes > 1) {
            buses.push(("nats", format!("nats://{}", nats.address)));
        }
        for (name, bus) in buses {
            let database = Database::create(&admin)?;
            let measured = measure(&database, &provider, &bus, nodes, nodes * runs, places).await?;
            println!("{nodes} nodes, {name}: {measured}");
        }
    }
    Ok(())
}

async fn measure(
    database: &Database,
    provider: &str,
    bus: &str,
    nodes: usize,
    runs: usize,
    places: usize,
) -> Result<String, Failure> {
    let places = places.to_string();
    let homes: Result<Vec<_>, _> = (0..nodes).map(|_| tempfile::tempdir()).collect();
    let homes = homes?;
    let start = |home: &Path| {
        let variables = [
            ("DATABASE_URL", database.url.as_str()),
            ("AUDITOR_FLEET__BUS", bus),
            ("AUDITOR_RUNS__MAX_CONCURRENT", places.as_str()),
            ("AUDITOR_JWT_SECRET", SECRET),
        ];
        Server::start_with(home, provider, JUDGES, &variables)
    };
    let servers: Result<Vec<Server>, _> = homes.iter().map(|home| start(home.path())).collect();
    let servers = servers?;
    let person = Person::new(&servers[0].address, "somebody").await?;
    let at: Vec<Person> = servers
        .iter()
        .map(|server| person.at(&server.address))
        .collect();
    let mut ids = Vec::with_capacity(runs);
    while ids.len() < runs {
        let some = (0..AT_ONCE.min(runs - ids.len())).map(|n| at[n % nodes].create(JUDGES));
        ids.extend(try_join_all(some).await?);
    }
    let mut watching = Vec::new();
    for person in &at {
        let mut socket = person.socket().await?;
        for id in &ids {
            socket.join(id).await?;
        }
        watching.push(tokio::spawn(watch(socket, runs)));
    }
    // They know of each other, and hear each other.
    database.until_heard(nodes).await?;

    let backends = database.backends()?;
    let before = processor_times(&backends);
    let began = Instant::now();
    let starting = async {
        for some in ids.chunks(AT_ONCE) {
            let starts = some
                .iter()
                .enumerate()
                .map(|(n, id)| at[n % nodes].start(id));
            try_join_all(starts).await?;
        }
        Ok::<(), Failure>(())
    };
    starting.await?;
    let mut seen = Vec::new();
    for watcher in watching {
        seen.push(watcher.await??);
    }
    let wall = began.elapsed().as_secs_f64();
    let busy = processor_times(&backends) - before;
    let events = seen[0].len();
    let mut told = format!(
        "{runs} runs of {JUDGES} judges of {} ms in {wall:.2} s = {:.1} runs/s, {:.0} events/s, {:.0} µs of the \
         database's processor an event",
        THINKING.as_millis(),
        runs as f64 / wall,
        events as f64 / wall,
        busy / events as f64 * 1e6,
    );
    if nodes > 1 {
        let delays = delays(&seen);
        let part = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize] * 1e3;
        told.push_str(&format!(
            "; shown at another node {:.1} ms (p50), {:.1} ms (p99), {:.1} ms (at most) after its own",
            part(0.5),
            part(0.99),
            part(1.0)
        ));
    }
    Ok(told)
}

/// When each event of each session came.
type Seen = HashMap<(String, u64), Instant>;

/// Listens until so many runs have ended.
async fn watch(mut socket: Socket, runs: usize) -> Result<Seen, Failure> {
    let mut seen = Seen::new();
    let mut ended = 0;
    while ended < runs {
        let event = socket.next().await?;
        let now = Instant::now();
        let (Some(session), Some(seq)) = (event["session_id"].as_str(), event["seq"].as_u64())
        else {
            continue;
        };
        seen.insert((session.to_owned(), seq), now);
        ended += usize::from(is_end(&event)?);
    }
    Ok(seen)
}

/// How much later than at the first node each event came at each of the others, in seconds, in order.
fn delays(seen: &[Seen]) -> Vec<f64> {
    let mut delays = Vec::new();
    for event in seen[0].keys() {
        let mut came: Vec<Instant> = seen
            .iter()
            .filter_map(|seen| seen.get(event).copied())
            .collect();
        came.sort_unstable();
        let later = came[1..].iter().map(|at| *at - came[0]);
        delays.extend(later.map(|delay| delay.as_secs_f64()));
    }
    delays.sort_unstable_by(f64::total_cmp);
    delays
}

/// One that has ended meanwhile counts no more.
fn processor_times(processes: &[i32]) -> f64 {
    processes
        .iter()
        .filter_map(|id| processor_time(&format!("/proc/{id}/stat")).ok())
        .sum()
}

/// A database of one's own, which is dropped with this value.
struct Database {
    admin: String,
    name: String,
    url: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Integer)]
    number: i32,
}

impl Database {
    fn create(admin: &str) -> Result<Self, Failure> {
        let name = format!("bench_{}", uuid::Uuid::now_v7().simple());
        PgConnection::establish(admin)?.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let (server, _) = admin.rsplit_once('/').ok_or("no database in the URL")?;
        Ok(Self {
            admin: admin.to_owned(),
            url: format!("{server}/{name}"),
            name,
        })
    }

    /// The processes of the server.
    fn backends(&self) -> Result<Vec<i32>, Failure> {
        let rows: Vec<Number> = diesel::sql_query(
            "SELECT pid AS number FROM pg_stat_activity \
             WHERE datname = current_database() OR datname IS NULL",
        )
        .load(&mut PgConnection::establish(&self.url)?)?;
        Ok(rows.iter().map(|row| row.number).collect())
    }

    /// Waits until all nodes have beaten a few times and say that they hear.
    async fn until_heard(&self, nodes: usize) -> Result<(), Failure> {
        let mut connection = PgConnection::establish(&self.url)?;
        loop {
            let row: Number = diesel::sql_query(
                "SELECT count(*)::int AS number FROM nodes WHERE beat > 6 AND NOT bus_deaf",
            )
            .get_result(&mut connection)?;
            if row.number as usize == nodes {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = PgConnection::establish(&self.admin)
            .map_err(|error| error.to_string())
            .and_then(|mut connection| {
                let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
                connection
                    .batch_execute(&statement)
                    .map_err(|error| error.to_string())
            });
        if let Err(error) = dropped {
            println!("{} is left over: {error}", self.name);
        }
    }
}

/// A server of NATS; ends with this value.
struct Nats {
    address: SocketAddr,
    process: Child,
}

impl Nats {
    fn start() -> Result<Option<Self>, Failure> {
        let places = ["/usr/sbin/nats-server", "/usr/local/bin/nats-server"];
        let Some(program) = places.into_iter().find(|at| Path::new(at).exists()) else {
            return Ok(None);
        };
        let free = StdListener::bind("127.0.0.1:0")?;
        let address = free.local_addr()?;
        drop(free);
        let process = Command::new(program)
            .args(["--addr", "127.0.0.1", "--port", &address.port().to_string()])
            .stderr(Stdio::null())
            .spawn()?;
        let nats = Self { address, process };
        let begin = Instant::now();
        while StdStream::connect(address).is_err() {
            if begin.elapsed() > Duration::from_secs(10) {
                return Err("nats-server does not start".into());
            }
            std::thread::yield_now();
        }
        Ok(Some(nats))
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "which server a measurement may use is not a setting of the program"
)]
fn server() -> Option<String> {
    std::env::var("AUDITOR_TEST_POSTGRES").ok()
}
