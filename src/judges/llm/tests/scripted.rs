//! For tests: a server on port 0 that answers from a script, and a case to judge.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use crate::judges::llm::call::LARGEST_BODY;
pub(crate) use crate::judges::sample::case;

/// Longer than anything that a test waits for should take.
const DEADLINE: Duration = Duration::from_secs(20);

/// From a request's body to a status and a body.
pub(crate) type Make = dyn Fn(&str) -> (u16, String) + Send + Sync;

/// What the server does with one request.
pub(crate) enum Act {
    /// Answers with a status, header lines (each ended by CRLF) and a body.
    Answer(u16, &'static str, String),
    /// Answers once the gate lets it through.
    Gated(String),
    /// Answers with what it makes of the request's body: a status and a body.
    Made(Arc<Make>),
    Hang,
    /// Answers with a little more than is read, and keeps the connection.
    Flood,
    /// Ends the connection within the body.
    Cut,
    /// Sends a byte now and then for as long as the client listens.
    Trickle,
}

/// What the server saw.
#[derive(Debug)]
pub(crate) enum Seen {
    /// A request: its head, its body, and when.
    Asked(String, String, Instant),
    /// The client closed a connection that was being held.
    Closed,
}

/// A server that answers each connection with the next act of its script; it stops when dropped.
pub(crate) struct Server {
    pub(crate) base_url: String,
    pub(crate) gate: Arc<Semaphore>,
    seen: mpsc::UnboundedReceiver<Seen>,
    most_at_once: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(script: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (tell, seen) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let most_at_once = Arc::new(AtomicUsize::new(0));
        let stage = Stage {
            script: Arc::new(Mutex::new(script.into())),
            tell,
            gate: Arc::clone(&gate),
            at_once: Arc::new(AtomicUsize::new(0)),
            most_at_once: Arc::clone(&most_at_once),
        };
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(stage.clone().serve(stream));
            }
        });
        Self {
            base_url,
            gate,
            seen,
            most_at_once,
            task,
        }
    }

    /// The next thing that the server sees.
    pub(crate) async fn next(&mut self) -> Seen {
        let seen = tokio::time::timeout(DEADLINE, self.seen.recv()).await;
        seen.expect("nothing happened in time").unwrap()
    }

    /// How many requests have come that were not looked at yet.
    pub(crate) fn unseen(&mut self) -> usize {
        std::iter::from_fn(|| self.seen.try_recv().ok()).count()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Stage {
    script: Arc<Mutex<VecDeque<Act>>>,
    tell: mpsc::UnboundedSender<Seen>,
    gate: Arc<Semaphore>,
    at_once: Arc<AtomicUsize>,
    most_at_once: Arc<AtomicUsize>,
}

impl Stage {
    async fn serve(self, mut stream: TcpStream) {
        let Some((head, body)) = read_request(&mut stream).await else {
            return;
        };
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        let _ = self
            .tell
            .send(Seen::Asked(head, body.clone(), Instant::now()));
        let asked = body;
        let act = self.script.lock().unwrap().pop_front();
        match act.expect("the script has ended") {
            Act::Answer(status, headers, body) => {
                self.at_once.fetch_sub(1, Ordering::SeqCst);
                answer(&mut stream, status, headers, &body).await;
            }
            Act::Made(make) => {
                self.at_once.fetch_sub(1, Ordering::SeqCst);
                let (status, body) = make(&asked);
                answer(&mut stream, status, "", &body).await;
            }
            Act::Gated(body) => {
                self.gate.acquire().await.unwrap().forget();
                self.at_once.fetch_sub(1, Ordering::SeqCst);
                answer(&mut stream, 200, "", &body).await;
            }
            Act::Hang => {
                held(&mut stream).await;
                let _ = self.tell.send(Seen::Closed);
            }
            Act::Cut => {
                let part = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"choices\":";
                let _ = stream.write_all(part.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            Act::Trickle => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n";
                let mut sent = stream.write_all(head.as_bytes()).await;
                while sent.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    sent = stream.write_all(b" ").await;
                }
                let _ = self.tell.send(Seen::Closed);
            }
            Act::Flood => {
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
                for _ in 0..=LARGEST_BODY / 0x10000 {
                    let _ = stream.write_all(chunk.as_bytes()).await;
                }
                held(&mut stream).await;
                let _ = self.tell.send(Seen::Closed);
            }
        }
    }
}

/// Until the client closes: it has nothing more to send.
async fn held(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0]).await;
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase();
            let length = length.split("content-length: ").nth(1)?.lines().next()?;
            if body.len() >= length.parse::<usize>().ok()? {
                return Some((head.to_owned(), body.to_owned()));
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

async fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) {
    let response = format!(
        "HTTP/1.1 {status} Scripted\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
}
