//! Demonstrates failover: several nodes with a client at each, and one audit whose node is killed
//! in the middle. The nodes are separate processes that share a PostgreSQL database.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Stdout, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::postgres::Cluster;
use crate::cli::client::{Rest, Socket};
use crate::domain::ids::SessionId;
use crate::store::fleet::{claims, nodes};
use crate::store::{Store, StoreSettings, new_id};

/// Number of claims: enough that the audit still runs when the signal reaches the node.
const CLAIMS: usize = 400;

/// Time limit of the audit, including the failover.
const PATIENCE: Duration = Duration::from_secs(120);

/// Time limit for a node to take up the audit.
const START: Duration = Duration::from_secs(60);

/// A child process that runs `serve`; dropping it kills the process.
struct Node {
    name: String,
    address: String,
    process: Child,
}

impl Drop for Node {
    fn drop(&mut self) {
        // Failure is ignored: the demo may have killed this process already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Node {
    fn start(at: usize, url: &str, secret: &str, folder: &TempDir) -> Result<Self> {
        let name = format!("node-{at}");
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--no-neural", "--set", "server.bind=127.0.0.1:0"])
            .args(["--set", "telemetry.prometheus_bind="])
            .args(["--set", "auth.registration=open"])
            .args(["--set", &format!("fleet.name={name}")])
            .args(["--set", "fleet.patience_ms=3000"])
            .arg("serve")
            // The URL may hold a password, and other users can read a process's arguments.
            .env("DATABASE_URL", url)
            .env("AUDITOR_JWT_SECRET", secret)
            .env("AUDITOR_DATA_DIR", folder.path().join(&name))
            .env("AUDITOR_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("another process can't be started")?;
        let out = process.stdout.take().context("no output")?;
        let mut node = Self {
            name,
            address: String::new(),
            process,
        };
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        node.address = line
            .trim()
            .rsplit_once("http://")
            .map(|(_, address)| address.to_owned())
            .ok_or_else(|| anyhow!("{} does not start", node.name))?;
        Ok(node)
    }
}

/// A message from a client to the demo.
enum News {
    /// A client received an event.
    Event { kind: String },
    /// A client lost its node, and reconnects to another.
    Moved { client: usize, to: usize },
}

/// Runs the demo with `count` nodes, on `DATABASE_URL` or on a temporary PostgreSQL server.
pub(super) async fn demo(count: usize, env: &BTreeMap<String, String>) -> Result<ExitCode> {
    let given = env
        .get("DATABASE_URL")
        .filter(|url| url.starts_with("postgres"));
    let own = match given {
        Some(_) => None,
        None => Cluster::start()?,
    };
    let Some(url) = given.cloned().or_else(|| own.as_ref().map(Cluster::url)) else {
        bail!(
            "several nodes need PostgreSQL: set DATABASE_URL to an empty database, or install Debian's package \
             postgresql"
        );
    };
    let settings = StoreSettings {
        url: url.clone(),
        pool_size: 1,
        application_name: String::new(),
        direct_url: String::new(),
    };
    let opened = tokio::task::spawn_blocking(move || Store::open(&settings)).await?;
    let store = opened.context("the database can't be opened")?;
    if !store.read(nodes::all).await?.is_empty() {
        bail!("nodes work on the database of DATABASE_URL already: the demo needs one of its own");
    }
    let folder = tempfile::Builder::new()
        .prefix("judge-auditor-")
        .tempdir()?;
    let outcome = show(count, &url, &store, &folder).await;
    drop(store);
    drop(own);
    outcome
}

async fn show(count: usize, url: &str, store: &Store, folder: &TempDir) -> Result<ExitCode> {
    let mut out = std::io::stdout();
    writeln!(out, "\n  {count} nodes on one PostgreSQL database\n")?;
    let mut running = start_nodes(count, url, folder, &mut out)?;
    let addresses: Vec<String> = running.iter().map(|node| node.address.clone()).collect();

    let mut rest = Rest::new(&addresses[0])?;
    let name = format!("demo-{}", &new_id::<()>().to_string()[24..]);
    let token = rest.sign_up(&name, "a password for a minute").await?;
    let session = create_audit(&mut rest).await?;

    let (tell, mut news) = mpsc::channel(1024);
    let mut clients = Vec::new();
    for at in 0..count {
        let client = Client {
            at,
            addresses: addresses.clone(),
            token: token.clone(),
            session: session.clone(),
            tell: tell.clone(),
        };
        clients.push(actix_web::rt::spawn(client.watch()));
    }
    drop(tell);
    writeln!(
        out,
        "\n  A client watches at each, and one audit of {CLAIMS} claims begins."
    )?;
    rest.post(&format!("/evaluations/{session}/start"), &json!({}))
        .await?;
    let worker = worker(store, session.parse()?).await?;
    writeln!(out, "  {worker} works on it.")?;

    let listening = kill_in_the_middle(&mut running, &worker, &mut news, &mut out);
    let was_killed = timeout(PATIENCE, listening)
        .await
        .context("the audit does not end")??;
    let mut seen: Vec<Vec<String>> = Vec::new();
    for client in clients {
        seen.push(client.await??);
    }
    if !was_killed {
        bail!("the audit ended before anything could be killed");
    }
    let first = &seen[0];
    if seen.iter().any(|other| other != first) {
        bail!("the clients saw different events");
    }
    writeln!(
        out,
        "\n  It ended. All {count} clients saw the same {} events, each once and in order.\n",
        first.len()
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Starts the nodes, and lists them.
fn start_nodes(count: usize, url: &str, folder: &TempDir, out: &mut Stdout) -> Result<Vec<Node>> {
    let secret = format!("{}{}", new_id::<()>(), new_id::<()>());
    let mut running = Vec::new();
    for at in 1..=count {
        let node = Node::start(at, url, &secret, folder)?;
        writeln!(out, "  {}  http://{}", node.name, node.address)?;
        running.push(node);
    }
    Ok(running)
}

/// Creates the audit, and returns its session's id.
async fn create_audit(rest: &mut Rest) -> Result<String> {
    let (source, candidate) = texts();
    let created = json!({
        "source_text": source,
        "candidate_output": candidate,
        "config": { "judges": ["facts", "lexical"] },
    });
    let evaluation = rest.post("/evaluations", &created).await?;
    Ok(evaluation["id"].as_str().context("no id")?.to_owned())
}

/// Tells what the clients hear until all of them are done, and kills the node that works on the
/// audit at its first verdict. Returns true if there was a verdict to kill it at.
async fn kill_in_the_middle(
    running: &mut [Node],
    worker: &str,
    news: &mut mpsc::Receiver<News>,
    out: &mut Stdout,
) -> Result<bool> {
    let mut killed: Option<Instant> = None;
    let mut goes_on = false;
    while let Some(one) = news.recv().await {
        match one {
            News::Event { kind } if killed.is_none() && kind == "claim_verdict" => {
                let node = running.iter_mut().find(|node| node.name == worker);
                let node = node.context("the node that works is none of these")?;
                node.process.kill()?;
                node.process.wait()?;
                killed = Some(Instant::now());
                writeln!(out, "  In the middle of the claims {worker} is killed.")?;
            }
            News::Event { .. } => {
                if let (Some(since), false) = (killed, goes_on)
                    && since.elapsed() > Duration::from_secs(2)
                {
                    goes_on = true;
                    let after = since.elapsed().as_secs_f64();
                    writeln!(out, "  The audit goes on, {after:.1} s later.")?;
                }
            }
            News::Moved { client, to } => {
                let (from, to) = (client + 1, to + 1);
                writeln!(out, "  The client of node-{from} goes on at node-{to}.")?;
            }
        }
    }
    Ok(killed.is_some())
}

/// Generates a source and a candidate, in which every tenth statement is wrong.
fn texts() -> (String, String) {
    let height = |tower: usize| 20 + tower * 7 % 90;
    let line = |tower: usize, metres: usize| {
        format!("Tower {tower} of the Halden Bridge is {metres} metres high. ")
    };
    let source = (1..=CLAIMS).map(|tower| line(tower, height(tower)));
    let candidate = (1..=CLAIMS).map(|tower| {
        let wrong = usize::from(tower % 10 == 0);
        line(tower, height(tower) + wrong)
    });
    (source.collect(), candidate.collect())
}

/// Polls the database until a node has claimed the session's run, and returns the node's name.
async fn worker(store: &Store, session: SessionId) -> Result<String> {
    let find = async {
        loop {
            let found = store.read(move |db| {
                for node in nodes::all(db)? {
                    let owned = claims::owned(db, node.id)?;
                    if owned.iter().any(|own| own.session == session) {
                        return Ok(Some(node.name));
                    }
                }
                Ok(None)
            });
            if let Some(name) = found.await? {
                return Ok(name);
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(START, find)
        .await
        .context("nobody works on the audit")?
}

/// A client that watches the audit at one node, and fails over to the next.
struct Client {
    at: usize,
    addresses: Vec<String>,
    token: String,
    session: String,
    tell: mpsc::Sender<News>,
}

impl Client {
    /// Returns all events in the order in which they arrived, once the audit is complete.
    async fn watch(self) -> Result<Vec<String>> {
        let (mut seen, mut at, mut epoch): (Vec<String>, usize, Value) =
            (Vec::new(), self.at, Value::Null);
        loop {
            match self.watch_at(at, &mut epoch, &mut seen).await {
                Ok(()) => return Ok(seen),
                Err(Ended::Wrong(error)) => return Err(error),
                Err(Ended::NodeGone) => {
                    at = (at + 1) % self.addresses.len();
                    let client = self.at;
                    // The receiver is dropped only when the demo is over.
                    let _ = self.tell.send(News::Moved { client, to: at }).await;
                }
            }
        }
    }

    async fn watch_at(
        &self,
        at: usize,
        epoch: &mut Value,
        seen: &mut Vec<String>,
    ) -> Result<(), Ended> {
        let gone = |_| Ended::NodeGone;
        let connected = Socket::connect(&self.addresses[at], &self.token).await;
        let mut socket = connected.map_err(gone)?;
        let mut position = json!({ "session_id": self.session, "last_seq": seen.len() });
        if !epoch.is_null() {
            position["epoch"] = epoch.clone();
        }
        let joined = socket.command("join_session", position, "session_joined");
        let joined = joined.await.map_err(gone)?;
        if joined["data"]["recovered"] != true {
            return Err(Ended::Wrong(anyhow!("a client lost its place: {joined}")));
        }
        *epoch = joined["data"]["epoch"].clone();
        loop {
            let text = socket.next().await.map_err(gone)?;
            let event: Value =
                serde_json::from_str(&text).map_err(|error| Ended::Wrong(error.into()))?;
            if event["seq"] != seen.len() + 1 {
                return Err(Ended::Wrong(anyhow!("an event is missing before {text}")));
            }
            seen.push(text);
            let kind = event["type"].as_str().unwrap_or_default().to_owned();
            let is_over = kind == "evaluation_complete";
            let _ = self.tell.send(News::Event { kind }).await;
            if is_over {
                return Ok(());
            }
        }
    }
}

/// Reasons for which a client stops watching at a node.
enum Ended {
    NodeGone,
    Wrong(anyhow::Error),
}
