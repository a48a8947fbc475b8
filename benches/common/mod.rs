//! What the benches that drive the real binary share: a server, whoever has an account of it, a socket, and
//! a provider of scripted judges.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const SOURCE: &str = "The Harbour Library in Vessen was opened on 14 May 1987. It was designed by the \
    architect Mira Oland and cost 12.4 million crowns. The building has five floors and holds about \
    310,000 books. The reading room is closed on Mondays.";

const CANDIDATE: &str = "The Harbour Library in Vessen was opened on 14 May 1987. The building has seven \
    floors. It was designed by the architect Mira Oland. The reading room is open on Mondays.";

/// Claims of [`CANDIDATE`].
const CLAIMS: usize = 4;

/// As many of a server's threads have rooms as serve connections, up to this.
const MOST_ROOM_THREADS: usize = 8;

/// What the kernel counts processor time in: every Linux has it, on every architecture of today.
const TICKS_PER_SECOND: f64 = 100.0;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Answers each question after so long, on connections that are kept.
pub(crate) async fn provide(listener: TcpListener, thinking: Duration) {
    // An answer without a label for the claims is no answer.
    let label = |index| json!({ "index": index, "label": "NOT_ENOUGH_INFO", "quote": "", "confidence": "low" });
    let claims: Vec<Value> = (0..CLAIMS).map(label).collect();
    let judgement = json!({
        "explanation": "as the script says",
        "claims": claims, "issues": [],
        "rating": 4, "confidence": "high",
    });
    let body = json!({
        "choices": [{ "message": { "content": judgement.to_string() }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 321, "completion_tokens": 45 },
    })
    .to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    while let Ok((stream, _)) = listener.accept().await {
        let answer = answer.clone();
        // An asker that goes away ends its connection, nothing else.
        tokio::spawn(async move { talk(stream, &answer, thinking).await });
    }
}

async fn talk(mut stream: TcpStream, answer: &str, thinking: Duration) -> std::io::Result<()> {
    const END: &[u8] = b"\r\n\r\n";

    let mut buffer = Vec::new();
    loop {
        let head = loop {
            if let Some(at) = buffer.windows(END.len()).position(|window| window == END) {
                break at + END.len();
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let whole = head + length.unwrap_or(0);
        while buffer.len() < whole {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        buffer.drain(..whole);
        tokio::time::sleep(thinking).await;
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// The real binary.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// With so many judges, which ask the provider.
    pub(crate) fn start(home: &Path, provider: &str, judges: usize) -> Result<Self, Failure> {
        let judges: String = (0..judges)
            .map(|number| {
                format!(
                    "[[judges]]\nname = \"judge-{number}\"\nkind = \"openai\"\n\
                     base_url = \"http://{provider}/v1\"\nmodel = \"scripted\"\n\
                     max_concurrency = 10000\ncache_ttl_s = 0\n\n"
                )
            })
            .collect();
        let file = home.join("auditor.toml");
        std::fs::write(&file, judges)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_judge-auditor"));
        command
            .arg("serve")
            .arg("--config")
            .arg(&file)
            .env_clear()
            .env("AUDITOR_BIND", "127.0.0.1:0")
            .env("AUDITOR_DATA_DIR", home)
            .env("AUDITOR_LOG", "warn")
            .env("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "");
        for limit in [
            "LOGINS_PER_MINUTE",
            "REGISTRATIONS_PER_HOUR",
            "CONNECTIONS_PER_MINUTE",
            "CONNECTIONS_PER_USER",
            "CREATES_PER_MINUTE",
            "STARTS_PER_MINUTE",
            "SESSIONS_PER_CONNECTION",
            "COMMANDS_PER_SECOND",
        ] {
            command.env(format!("AUDITOR_LIMITS__{limit}"), "0");
        }
        // Held before anything can fail, so that it ends with this value.
        let mut server = Self {
            process: command.stdout(Stdio::piped()).spawn()?,
            address: String::new(),
        };
        let stdout = server.process.stdout.take().ok_or("no standard output")?;
        for line in BufReader::new(stdout).lines() {
            if let Some((_, address)) = line?.split_once("http://") {
                server.address = address.trim().to_owned();
                return Ok(server);
            }
        }
        Err("the server ended before it was ready".into())
    }

    /// Of all its threads, in seconds.
    pub(crate) fn processor_time(&self) -> Result<f64, Failure> {
        processor_time(&format!("/proc/{}/stat", self.process.id()))
    }

    /// Of the threads that hold up others when they are busy.
    pub(crate) fn processor_times(&self) -> Result<ProcessorTimes, Failure> {
        let id = self.process.id();
        // By their ids, which are given in the order of their starts.
        let mut arbiters = BTreeMap::new();
        for thread in std::fs::read_dir(format!("/proc/{id}/task"))? {
            let thread = thread?;
            // One that waits for work may end at any time.
            let Ok(name) = std::fs::read_to_string(thread.path().join("comm")) else {
                continue;
            };
            // What is left of the name that actix gives them.
            if name.trim() == "actix-rt|system" {
                let number: u32 = thread.file_name().to_string_lossy().parse()?;
                let stat = thread.path().join("stat").display().to_string();
                arbiters.insert(number, processor_time(&stat)?);
            }
        }
        // The others, which start later, serve connections.
        let rooms = (arbiters.len() / 2).min(MOST_ROOM_THREADS);
        Ok(ProcessorTimes {
            all: self.processor_time()?,
            registry: processor_time(&format!("/proc/{id}/task/{id}/stat"))?,
            rooms: arbiters.into_values().take(rooms).collect(),
        })
    }
}

/// Processor times in seconds.
pub(crate) struct ProcessorTimes {
    /// Of all threads.
    pub(crate) all: f64,
    /// Of the first thread, where the registry is.
    pub(crate) registry: f64,
    /// Of each thread that rooms live on.
    rooms: Vec<f64>,
}

impl ProcessorTimes {
    /// What each thread of the rooms has used since then.
    pub(crate) fn of_rooms_since(&self, before: &Self) -> Vec<f64> {
        let both = self.rooms.iter().zip(&before.rooms);
        both.map(|(now, before)| now - before).collect()
    }
}

fn processor_time(file: &str) -> Result<f64, Failure> {
    let stat = std::fs::read_to_string(file)?;
    // The name, in brackets, may hold anything.
    let (_, fields) = stat.rsplit_once(')').ok_or("no such figures")?;
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<f64>);
    let user = ticks.next().ok_or("no user time")??;
    let system = ticks.next().ok_or("no system time")??;
    Ok((user + system) / TICKS_PER_SECOND)
}

/// Whether an event is its run's last; a run that did not complete is a failure.
pub(crate) fn is_end(event: &Value) -> Result<bool, Failure> {
    match event["type"].as_str() {
        Some("evaluation_complete") => Ok(true),
        Some("evaluation_error" | "evaluation_cancelled") => Err(event.to_string().into()),
        _ => Ok(false),
    }
}

/// What the figures were measured with.
pub(crate) fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "profile: dev"
    } else {
        "profile: release"
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An account of the server.
pub(crate) struct Person {
    http: reqwest::Client,
    address: String,
    token: String,
}

impl Person {
    /// A new account.
    pub(crate) async fn new(address: &str, name: &str) -> Result<Self, Failure> {
        let mut person = Self {
            http: judge_auditor::internals::local_client_builder()?.build()?,
            address: address.to_owned(),
            token: String::new(),
        };
        let password = "a password for a minute";
        let email = format!("{name}@example.org");
        let account = json!({ "username": name, "email": email, "password": password });
        person.post("/auth/register", &account).await?;
        let login = json!({ "username": name, "password": password });
        let tokens = person.post("/auth/login", &login).await?;
        person.token = tokens["access_token"]
            .as_str()
            .ok_or("no token")?
            .to_owned();
        Ok(person)
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let url = format!("http://{}/api/v1{path}", self.address);
        let request = self.http.post(url).bearer_auth(&self.token).json(body);
        let answer = request.send().await?.error_for_status()?;
        Ok(answer.json().await?)
    }

    /// Makes an evaluation with so many judges; its id.
    pub(crate) async fn create(&self, judges: usize) -> Result<String, Failure> {
        let names: Vec<String> = (0..judges)
            .map(|number| format!("judge-{number}"))
            .collect();
        let body = json!({
            "source_text": SOURCE,
            "candidate_output": CANDIDATE,
            "config": { "judges": names },
        });
        let made = self.post("/evaluations", &body).await?;
        Ok(made["id"].as_str().ok_or("no id")?.to_owned())
    }

    /// Starts a run.
    pub(crate) async fn start(&self, id: &str) -> Result<(), Failure> {
        self.post(&format!("/evaluations/{id}/start"), &json!({}))
            .await?;
        Ok(())
    }

    /// Connects.
    pub(crate) async fn socket(&self) -> Result<Socket, Failure> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("Authorization", format!("Bearer {}", self.token).parse()?);
        headers.insert("Sec-WebSocket-Protocol", "judge-auditor.v1".parse()?);
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        let mut socket = Socket(stream);
        socket.next().await?;
        Ok(socket)
    }
}

/// Its connection.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Joins a session from its beginning.
    pub(crate) async fn join(&mut self, id: &str) -> Result<(), Failure> {
        let data = json!({ "session_id": id, "last_seq": 0 });
        let text = json!({ "type": "join_session", "id": "join", "data": data }).to_string();
        self.0.send(Message::text(text)).await?;
        let answer = self.next().await?;
        if answer["type"] == "session_joined" {
            Ok(())
        } else {
            Err(answer.to_string().into())
        }
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Result<Value, Failure> {
        loop {
            match self.0.next().await.ok_or("the socket ended")?? {
                Message::Text(text) => return Ok(serde_json::from_str(text.as_str())?),
                Message::Close(reason) => return Err(format!("closed: {reason:?}").into()),
                _ => {}
            }
        }
    }
}
