//! What language-model judges cost beside the models: the time of one run over its slowest judge, and the
//! processor time of a judge's call when 200 runs are at work at once. The real binary is driven over HTTP
//! and WebSocket, on SQLite; the providers are in this process, whose processor time does not count.
//!
//! `cargo bench --bench judges [-- RUNS]`: so many runs at once, 200 unless told.

#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long each judge takes.
const THINKING: Duration = Duration::from_millis(300);

/// Judges of a run.
const JUDGES: usize = 8;

/// Runs one after another, of which the median is told.
const ALONE: usize = 20;

const SOURCE: &str = "The Harbour Library in Vessen was opened on 14 May 1987. It was designed by the \
    architect Mira Oland and cost 12.4 million crowns. The building has five floors and holds about \
    310,000 books. The reading room is closed on Mondays.";

const CANDIDATE: &str = "The Harbour Library in Vessen was opened on 14 May 1987. The building has seven \
    floors. It was designed by the architect Mira Oland. The reading room is open on Mondays.";

type Failure = Box<dyn std::error::Error>;

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
    tokio::spawn(provide(listener));
    let home = tempfile::tempdir()?;
    let server = Server::start(home.path(), &provider)?;
    println!(
        "{}",
        if cfg!(debug_assertions) {
            "profile: dev"
        } else {
            "profile: release"
        }
    );
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
    let before = server.processor_time()?;
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
    let used = server.processor_time()? - before;
    let calls = runs * judges;
    if completed != calls {
        return Err(format!("{completed} of {calls} judges were heard").into());
    }
    println!(
        "{runs} runs at once, {judges} judges each: {wall:.2} s, {used:.2} s of processor time, \
         {:.2} ms for each of {calls} calls",
        used / calls as f64 * 1e3,
    );
    Ok(used)
}

fn is_end(event: &Value) -> Result<bool, Failure> {
    match event["type"].as_str() {
        Some("evaluation_complete") => Ok(true),
        Some("evaluation_error" | "evaluation_cancelled") => Err(event.to_string().into()),
        _ => Ok(false),
    }
}

/// Answers each question after [`THINKING`], on connections that are kept.
async fn provide(listener: TcpListener) {
    let judgement = json!({
        "explanation": "as the script says",
        "claims": [], "issues": [],
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
        tokio::spawn(async move { talk(stream, &answer).await });
    }
}

async fn talk(mut stream: TcpStream, answer: &str) -> std::io::Result<()> {
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
        tokio::time::sleep(THINKING).await;
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// The real binary.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(home: &Path, provider: &str) -> Result<Self, Failure> {
        let judges: String = (0..JUDGES)
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
    fn processor_time(&self) -> Result<f64, Failure> {
        // What every Linux has, on every architecture of today.
        const TICKS_PER_SECOND: f64 = 100.0;

        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name, in brackets, may hold anything.
        let (_, fields) = stat.rsplit_once(')').ok_or("no such figures")?;
        let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<f64>);
        let user = ticks.next().ok_or("no user time")??;
        let system = ticks.next().ok_or("no system time")??;
        Ok((user + system) / TICKS_PER_SECOND)
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
struct Person {
    http: reqwest::Client,
    address: String,
    token: String,
}

impl Person {
    async fn new(address: &str, name: &str) -> Result<Self, Failure> {
        let mut person = Self {
            http: judge_auditor::tls::local_client_builder()?.build()?,
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

    async fn create(&self, judges: usize) -> Result<String, Failure> {
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

    async fn start(&self, id: &str) -> Result<(), Failure> {
        self.post(&format!("/evaluations/{id}/start"), &json!({}))
            .await?;
        Ok(())
    }

    async fn socket(&self) -> Result<Socket, Failure> {
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
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn join(&mut self, id: &str) -> Result<(), Failure> {
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
    async fn next(&mut self) -> Result<Value, Failure> {
        loop {
            match self.0.next().await.ok_or("the socket ended")?? {
                Message::Text(text) => return Ok(serde_json::from_str(text.as_str())?),
                Message::Close(reason) => return Err(format!("closed: {reason:?}").into()),
                _ => {}
            }
        }
    }
}
