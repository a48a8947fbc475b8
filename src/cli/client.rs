//! A small client of the public REST and WebSocket interface, for `demo` and `run --server`.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::protocol::SUBPROTOCOL;
use crate::tls;

pub(super) struct Rest {
    base: String,
    http: reqwest::Client,
    token: Option<String>,
}

impl Rest {
    /// Creates a client without a token for the server at `address`, such as `127.0.0.1:8000`.
    pub(super) fn new(address: &str) -> Result<Self> {
        let http = tls::local_client_builder()?.build()?;
        Ok(Self {
            base: format!("http://{address}/api/v1"),
            http,
            token: None,
        })
    }

    /// Registers an account and logs in. Later requests send the access token, which is returned
    /// too.
    pub(super) async fn sign_up(&mut self, username: &str, password: &str) -> Result<String> {
        let account = json!({
            "username": username,
            "email": format!("{username}@example.org"),
            "password": password,
        });
        self.post("/auth/register", &account).await?;
        let login = json!({ "username": username, "password": password });
        let tokens = self.post("/auth/login", &login).await?;
        let token = tokens["access_token"]
            .as_str()
            .context("no access token")?
            .to_owned();
        self.token = Some(token.clone());
        Ok(token)
    }

    /// Posts a JSON body and returns the JSON response. A status other than a success is an error.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut request = self.http.post(format!("{}{path}", self.base)).json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        let status = response.status();
        let answer: Value = response.json().await?;
        if !status.is_success() {
            bail!("POST {path}: {status}: {}", answer["detail"]);
        }
        Ok(answer)
    }
}

/// A client of a remote server, which authenticates with an API key.
pub(super) struct Remote {
    base: String,
    http: reqwest::Client,
    key: secrecy::SecretString,
}

/// Maximum number of attempts of one request, where the server is busy, away or restarts.
const TRIES: u32 = 8;
/// Time limit of one attempt.
const ANSWER_WITHIN: Duration = Duration::from_secs(90);
/// Longest wait before the next attempt, also where `Retry-After` asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Maximum size of a response body, in bytes.
const LARGEST_ANSWER: usize = 64 << 20;

impl Remote {
    /// Creates a client of the server at `url`, such as `https://auditor.example.org`.
    ///
    /// # Errors
    /// Fails if `url` is not an HTTP or HTTPS address, or if the TLS client cannot be built.
    pub(super) fn new(url: &str, key: secrecy::SecretString) -> Result<Self> {
        let parsed = reqwest::Url::parse(url).with_context(|| format!("--server {url}"))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
            bail!("--server {url}: give an address that begins with http:// or https://");
        }
        let http = tls::client_builder(&[])?.timeout(ANSWER_WITHIN).build()?;
        let base = url.trim_end_matches('/').trim_end_matches("/api/v1");
        Ok(Self {
            base: format!("{base}/api/v1"),
            http,
            key,
        })
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.send(path, || self.http.get(format!("{}{path}", self.base)))
            .await
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let request = || self.http.post(format!("{}{path}", self.base)).json(body);
        self.send(path, request).await
    }

    /// Sends a request, and repeats it after 429, 502 (a proxy's answer while the server restarts),
    /// 503 and connection errors: after the time in `Retry-After`, or else with exponential backoff.
    async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<T> {
        let mut pause = Duration::from_millis(250);
        let mut tried = 0;
        loop {
            tried += 1;
            let sent = request().bearer_auth(self.key.expose_secret()).send().await;
            let (why, wait) = match sent {
                Ok(response) if response.status().is_success() => {
                    match read_bounded(response).await {
                        Ok(body) => {
                            return serde_json::from_slice(&body).with_context(|| {
                                format!("{path}: the server's answer can't be read")
                            });
                        }
                        Err(error) if error.is::<reqwest::Error>() => (
                            format!("{path}: the server's answer broke off: {error:#}"),
                            None,
                        ),
                        Err(error) => return Err(error),
                    }
                }
                Ok(response) => {
                    let status = response.status();
                    let wait = response
                        .headers()
                        .get("retry-after")
                        .and_then(|value| value.to_str().ok()?.parse().ok())
                        .map(Duration::from_secs);
                    let body = read_bounded(response).await.unwrap_or_default();
                    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
                    let said = body["detail"].as_str().unwrap_or_default();
                    let why = format!("{path}: the server answered {status}: {said}");
                    if !matches!(status.as_u16(), 429 | 502 | 503) {
                        bail!(why);
                    }
                    (why, wait)
                }
                Err(error) => (format!("{path}: {:#}", anyhow::Error::from(error)), None),
            };
            if tried >= TRIES {
                bail!(why);
            }
            tokio::time::sleep(wait.unwrap_or(pause).min(LONGEST_PAUSE)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

async fn read_bounded(mut response: reqwest::Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > LARGEST_ANSWER {
            bail!("the server's answer has more than {LARGEST_ANSWER} bytes");
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// The type of the control message that the server sends on an idle connection.
const HEARTBEAT: &str = "heartbeat";

/// Events carry a sequence number of their session's log; replies and control messages do not.
fn is_event(message: &Value) -> bool {
    message.get("seq").is_some()
}

/// A connected and authenticated WebSocket.
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Events that arrived while a reply was awaited, in order; `next` returns them first.
    waiting: VecDeque<String>,
}

impl Socket {
    /// Connects, and returns once the server has sent `welcome`.
    pub(super) async fn connect(address: &str, token: &str) -> Result<Self> {
        let mut request = format!("ws://{address}/ws").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("Authorization", format!("Bearer {token}").parse()?);
        headers.insert("Sec-WebSocket-Protocol", SUBPROTOCOL.parse()?);
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        let mut socket = Self {
            stream,
            waiting: VecDeque::new(),
        };
        socket.expect("welcome").await?;
        Ok(socket)
    }

    /// Sends a command and waits for its reply.
    pub(super) async fn command(&mut self, kind: &str, data: Value, reply: &str) -> Result<Value> {
        let text = json!({ "type": kind, "id": kind, "data": data }).to_string();
        self.stream.send(Message::text(text)).await?;
        self.expect(reply).await
    }

    async fn expect(&mut self, kind: &str) -> Result<Value> {
        loop {
            let text = self.receive().await?;
            let message: Value = serde_json::from_str(&text)?;
            match message["type"].as_str() {
                Some(found) if found == kind => return Ok(message),
                _ if is_event(&message) => self.waiting.push_back(text),
                Some(HEARTBEAT) => {}
                _ => return Err(anyhow!("expected {kind}, got {text}")),
            }
        }
    }

    /// Returns the next event, and skips messages about the connection, such as heartbeats.
    pub(super) async fn next(&mut self) -> Result<String> {
        if let Some(text) = self.waiting.pop_front() {
            return Ok(text);
        }
        loop {
            let text = self.receive().await?;
            if is_event(&serde_json::from_str(&text)?) {
                return Ok(text);
            }
        }
    }

    async fn receive(&mut self) -> Result<String> {
        loop {
            match self.stream.next().await.context("the socket ended")?? {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Close(reason) => bail!("the server closed the socket: {reason:?}"),
                _ => {}
            }
        }
    }

    pub(super) async fn close(mut self) -> Result<()> {
        self.stream.close(None).await?;
        // The closing handshake is complete only when the server has sent its close frame too.
        while let Some(Ok(_)) = self.stream.next().await {}
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests/client.rs"]
mod tests;
