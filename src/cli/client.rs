//! A small client of the service's own interface, for `demo`: what any program would write.

use std::collections::VecDeque;

use anyhow::{Context, Result, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
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
    /// A client of the server at `address`, such as `127.0.0.1:8000`.
    pub(super) fn new(address: &str) -> Result<Self> {
        let http = tls::local_client_builder()?.build()?;
        Ok(Self {
            base: format!("http://{address}/api/v1"),
            http,
            token: None,
        })
    }

    /// Makes an account, logs in, and keeps the token.
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

    /// Sends a body, expects a success.
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

/// What the server says where nothing else happens.
const HEARTBEAT: &str = "heartbeat";

/// Events have a place in their session's log.
fn is_event(message: &Value) -> bool {
    message.get("seq").is_some()
}

/// Talks over the socket.
pub(super) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Events that came while a reply was awaited.
    waiting: VecDeque<String>,
}

impl Socket {
    /// Connects and waits for the greeting.
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

    /// The next event. What is said of the connection itself, such as that it is alive, is no event.
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
        // Until the server has said goodbye too, the connection is not over.
        while let Some(Ok(_)) = self.stream.next().await {}
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests/client.rs"]
mod tests;
