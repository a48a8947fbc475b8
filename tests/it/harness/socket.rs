//! The WebSocket side of a client.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::DEADLINE;
use super::http::{Answer, Door};

const PROTOCOL: &str = "judge-auditor.v1";

/// A text frame, its bytes kept as they came.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) text: String,
    pub(crate) value: Value,
}

impl Frame {
    pub(crate) fn of(text: &str) -> Self {
        let value = serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"));
        Self {
            text: text.to_owned(),
            value,
        }
    }

    pub(crate) fn kind(&self) -> &str {
        self.value["type"]
            .as_str()
            .unwrap_or_else(|| panic!("no type: {}", self.text))
    }

    pub(crate) fn data(&self) -> &Value {
        &self.value["data"]
    }

    pub(crate) fn seq(&self) -> u64 {
        self.value["seq"]
            .as_u64()
            .unwrap_or_else(|| panic!("no seq: {}", self.text))
    }

    /// Whether a run ends with it.
    pub(crate) fn is_terminal(&self) -> bool {
        match self.kind() {
            "evaluation_complete" | "evaluation_cancelled" => true,
            "evaluation_error" => self.data()["fatal"] == true,
            _ => false,
        }
    }
}

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    Frame(Frame),
    /// The close code.
    Closed(u16),
}

/// A handshake that is being prepared.
pub(crate) struct Knock {
    request: Request,
}

impl Knock {
    pub(crate) fn at(door: &Arc<Door>) -> Self {
        Self::at_path(door, "/ws")
    }

    pub(crate) fn at_path(door: &Arc<Door>, path: &str) -> Self {
        let url = format!("{}{path}", door.address().replacen("http", "ws", 1));
        let request = url.into_client_request().unwrap();
        Self { request }.header("Sec-WebSocket-Protocol", PROTOCOL)
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).unwrap();
        self.request.headers_mut().insert(name, value);
        self
    }

    /// Authenticates as a program does.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Authenticates as a browser does.
    pub(crate) fn subprotocol(self, token: &str) -> Self {
        use base64::Engine as _;

        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(token);
        let value = format!("{PROTOCOL}, base64url.bearer.{token}");
        self.header("Sec-WebSocket-Protocol", &value)
    }

    /// Fails the test unless the server upgrades, to the subprotocol and to nothing else.
    pub(crate) async fn open(self) -> Socket {
        let (stream, response) = timeout(DEADLINE, connect_async(self.request))
            .await
            .expect("an answer to the handshake")
            .unwrap_or_else(|why| panic!("refused: {why:?}"));
        assert_eq!(response.headers()["sec-websocket-protocol"], PROTOCOL);
        Socket {
            stream,
            waiting: VecDeque::new(),
            commands: 0,
        }
    }

    /// Fails the test unless the server refuses to upgrade.
    pub(crate) async fn refused(self) -> Answer {
        let what = format!("upgrade of {}", self.request.uri());
        let outcome = timeout(DEADLINE, connect_async(self.request)).await;
        match outcome.expect("an answer to the handshake") {
            Err(Error::Http(response)) => {
                let (parts, body) = response.into_parts();
                let text = String::from_utf8(body.unwrap_or_default()).unwrap();
                Answer::of(
                    &what,
                    parts.status.as_u16(),
                    parts.headers,
                    text.into_bytes(),
                )
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}

/// An open socket. Events that arrive while a reply is awaited are kept in order.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<Frame>,
    commands: u32,
}

impl Socket {
    /// Sends anything.
    pub(crate) async fn send(&mut self, message: Message) {
        timeout(DEADLINE, self.stream.send(message))
            .await
            .expect("room to send")
            .unwrap();
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    /// Sends a command and returns its reply, whatever it is.
    pub(crate) async fn command(&mut self, kind: &str, data: Value) -> Value {
        self.commands += 1;
        let id = format!("command-{}", self.commands);
        let command = json!({ "type": kind, "id": id, "data": data });
        self.send_text(&command.to_string()).await;
        let mut passed = Vec::new();
        loop {
            let frame = self.read_frame().await;
            if frame.value["id"] == id.as_str() {
                self.waiting.extend(passed);
                return frame.value;
            }
            assert!(
                frame.value.get("id").is_none(),
                "somebody else's reply: {}",
                frame.text
            );
            passed.push(frame);
        }
    }

    /// Sends a command that has to fail and returns its error.
    pub(crate) async fn refused(&mut self, kind: &str, data: Value) -> Value {
        let reply = self.command(kind, data).await;
        assert_eq!(reply["type"], "error", "{reply}");
        let error = reply["error"].clone();
        assert!(
            error["code"].is_string() && error["message"].is_string(),
            "{reply}"
        );
        assert!(error["retryable"].is_boolean(), "{reply}");
        error
    }

    /// Joins from the beginning of the log.
    pub(crate) async fn join(&mut self, session: &str) -> Value {
        self.command(
            "join_session",
            json!({ "session_id": session, "last_seq": 0 }),
        )
        .await
    }

    /// Joins from a position.
    pub(crate) async fn resume(&mut self, session: &str, epoch: &Value, last_seq: u64) -> Value {
        let data = json!({ "session_id": session, "epoch": epoch, "last_seq": last_seq });
        self.command("join_session", data).await
    }

    /// The next frame, whatever it is.
    pub(crate) async fn next_frame(&mut self) -> Frame {
        match self.waiting.pop_front() {
            Some(frame) => frame,
            None => self.read_frame().await,
        }
    }

    /// The next event of a session.
    pub(crate) async fn next_event(&mut self) -> Frame {
        loop {
            let frame = self.next_frame().await;
            if frame.kind() != "heartbeat" {
                assert!(frame.value["seq"].is_u64(), "not an event: {}", frame.text);
                return frame;
            }
        }
    }

    /// The next frame of this type; events before it are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Frame {
        loop {
            let frame = self.next_frame().await;
            if frame.kind() == kind {
                return frame;
            }
        }
    }

    /// The next event; none once the connection has ended, however that came.
    pub(crate) async fn event_or_end(&mut self) -> Option<Frame> {
        loop {
            let frame = match self.waiting.pop_front() {
                Some(frame) => frame,
                None => match timeout(DEADLINE, self.stream.next()).await {
                    Ok(Some(Ok(Message::Text(text)))) => Frame::of(text.as_str()),
                    Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
                    Ok(Some(Ok(_) | Err(_)) | None) => return None,
                    Err(_) => panic!("neither an event nor an end"),
                },
            };
            if frame.value["seq"].is_u64() {
                return Some(frame);
            }
        }
    }

    /// Every event up to the end of a run.
    pub(crate) async fn until_terminal(&mut self) -> Vec<Frame> {
        let mut events = Vec::new();
        loop {
            let event = self.next_event().await;
            let last = event.is_terminal();
            events.push(event);
            if last {
                return events;
            }
        }
    }

    /// The next message, or the end.
    pub(crate) async fn read(&mut self) -> Incoming {
        loop {
            let message = timeout(DEADLINE, self.stream.next())
                .await
                .expect("something to read");
            match message {
                Some(Ok(Message::Text(text))) => return Incoming::Frame(Frame::of(text.as_str())),
                Some(Ok(Message::Close(frame))) => {
                    return Incoming::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(other)) => panic!("not a text frame: {other:?}"),
                Some(Err(why)) => panic!("the connection broke: {why:?}"),
                None => panic!("the connection ended without a close frame"),
            }
        }
    }

    async fn read_frame(&mut self) -> Frame {
        match self.read().await {
            Incoming::Frame(frame) => frame,
            Incoming::Closed(code) => panic!("closed with {code}"),
        }
    }

    /// Reads to the end: the frames that came before it, and the close code.
    pub(crate) async fn until_closed(&mut self) -> (Vec<Frame>, u16) {
        let mut frames: Vec<Frame> = self.waiting.drain(..).collect();
        loop {
            match self.read().await {
                Incoming::Frame(frame) => frames.push(frame),
                Incoming::Closed(code) => return (frames, code),
            }
        }
    }

    /// The payload of the next pong frame.
    pub(crate) async fn pong(&mut self) -> Vec<u8> {
        loop {
            let message = timeout(DEADLINE, self.stream.next()).await.expect("a pong");
            match message {
                Some(Ok(Message::Pong(payload))) => return payload.to_vec(),
                Some(Ok(Message::Text(text))) => self.waiting.push_back(Frame::of(text.as_str())),
                Some(Ok(_)) => {}
                other => panic!("no pong: {other:?}"),
            }
        }
    }

    /// Says goodbye and waits for the answer.
    pub(crate) async fn close(mut self) {
        timeout(DEADLINE, self.stream.close(None))
            .await
            .expect("room to close")
            .unwrap();
        while let Some(Ok(_)) = timeout(DEADLINE, self.stream.next()).await.expect("an end") {}
    }
}
