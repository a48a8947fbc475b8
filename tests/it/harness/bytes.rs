//! A client that writes bytes as it likes: it knows the handshake and how to read frames, and keeps to
//! no rule of what may be sent.

use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};

use super::DEADLINE;
use super::person::Person;
use super::socket::Frame;

const MASK: [u8; 4] = [0x1b, 0xad, 0xfa, 0x57];

/// A masked frame: `first` holds its flags and its opcode.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, payload.len() as u64);
    bytes.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}

/// A masked text message of one frame.
pub(crate) fn text_frame(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

/// The header of a masked frame that declares this length.
pub(crate) fn header(first: u8, declared: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match declared {
        0..126 => bytes.push(0x80 | declared as u8),
        126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend((declared as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0xff);
            bytes.extend(declared.to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes
}

/// What the server sent.
#[derive(Debug)]
pub(crate) enum Heard {
    Text(Frame),
    Pong(Vec<u8>),
    /// The close code; 1005 where the frame has none.
    Close(u16),
    /// The end of the stream, in whatever way.
    End,
}

/// A connection.
pub(crate) struct RawSocket {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl RawSocket {
    /// Connects to the server of a person's login, and writes nothing.
    pub(crate) async fn connect(person: &Person) -> Self {
        let address = person.door().address().replace("http://", "");
        Self {
            stream: TcpStream::connect(address).await.unwrap(),
            unread: Vec::new(),
        }
    }

    /// A person's socket after its welcome. `pipelined` goes out with the handshake, before any answer.
    pub(crate) async fn open(person: &Person, pipelined: &[u8]) -> Self {
        let mut socket = Self::connect(person).await;
        let mut bytes = handshake(person).into_bytes();
        bytes.extend_from_slice(pipelined);
        assert!(socket.write(&bytes).await, "no handshake");
        let head = socket.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        match socket.hear().await {
            Heard::Text(welcome) => assert_eq!(welcome.kind(), "welcome", "{}", welcome.text),
            other => panic!("no welcome: {other:?}"),
        }
        socket
    }

    /// Writes; false where the server takes no more.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        let written = timeout(DEADLINE, self.stream.write_all(bytes)).await;
        written
            .expect("the server takes what it is sent, or ends the connection")
            .is_ok()
    }

    /// Writes until the end of a time; false where the server takes no more.
    pub(crate) async fn write_for(&mut self, bytes: &[u8], end: Instant) -> bool {
        let written = timeout_at(end.into(), self.stream.write_all(bytes)).await;
        written.is_ok_and(|written| written.is_ok())
    }

    /// Reads the head of an HTTP answer.
    pub(crate) async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.unread.drain(..end + 4).collect();
                return String::from_utf8(head).unwrap();
            }
            if !self.read_more().await {
                let rest = std::mem::take(&mut self.unread);
                return String::from_utf8(rest).unwrap();
            }
        }
    }

    /// The next frame that is no ping.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            let Some((opcode, payload)) = self.take_frame() else {
                if self.read_more().await {
                    continue;
                }
                return Heard::End;
            };
            match opcode {
                0x1 => return Heard::Text(Frame::of(&String::from_utf8(payload).unwrap())),
                0x8 => {
                    let code = payload
                        .first_chunk()
                        .map_or(1005, |code| u16::from_be_bytes(*code));
                    return Heard::Close(code);
                }
                0x9 => {}
                0xa => return Heard::Pong(payload),
                other => panic!("the server sent the opcode {other:#x}"),
            }
        }
    }

    /// The reply to what was just sent; events and heartbeats before it are passed over.
    pub(crate) async fn reply(&mut self) -> Frame {
        loop {
            match self.hear().await {
                Heard::Text(frame)
                    if frame.value["seq"].is_u64() || frame.kind() == "heartbeat" => {}
                Heard::Text(frame) => return frame,
                other => panic!("no reply: {other:?}"),
            }
        }
    }

    /// The close code, after whatever else comes; none where the connection just ends.
    pub(crate) async fn until_closed(&mut self) -> Option<u16> {
        loop {
            match self.hear().await {
                Heard::Close(code) => return Some(code),
                Heard::End => return None,
                Heard::Text(_) | Heard::Pong(_) => {}
            }
        }
    }

    /// Fails the test unless the next reply is the one to a ping: nothing else was waiting.
    pub(crate) async fn answers_a_ping(&mut self) {
        let ping = text_frame(r#"{"type":"ping","id":"still there"}"#);
        assert!(self.write(&ping).await, "the connection is gone");
        let pong = self.reply().await;
        assert_eq!(
            (pong.kind(), pong.value["id"].as_str()),
            ("pong", Some("still there")),
            "{}",
            pong.text
        );
    }

    /// Closes, and waits for the answer.
    pub(crate) async fn leave(mut self) {
        self.write(&frame(0x88, b"\x03\xe8")).await;
        assert_eq!(self.until_closed().await, Some(1005));
    }

    /// A whole frame from what was read. The server masks nothing and cuts nothing into fragments.
    fn take_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let unread = &self.unread;
        let (first, second) = (*unread.first()?, *unread.get(1)?);
        assert_eq!(first & 0xf0, 0x80, "a fragment, or a reserved bit");
        let (start, length) = match second {
            126 => (
                4,
                u16::from_be_bytes(*unread.get(2..)?.first_chunk()?).into(),
            ),
            127 => (10, u64::from_be_bytes(*unread.get(2..)?.first_chunk()?)),
            length => (2, u64::from(length)),
        };
        let end = start + usize::try_from(length).unwrap();
        let payload = unread.get(start..end)?.to_vec();
        self.unread.drain(..end);
        Some((first & 0x0f, payload))
    }

    async fn read_more(&mut self) -> bool {
        let mut chunk = [0; 16 << 10];
        let read = timeout(DEADLINE, self.stream.read(&mut chunk)).await;
        match read.expect("something to read, or an end") {
            Ok(0) | Err(_) => false,
            Ok(count) => {
                self.unread.extend_from_slice(&chunk[..count]);
                true
            }
        }
    }
}

/// The upgrade of a person's login.
pub(crate) fn handshake(person: &Person) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: auditor\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: judge-auditor.v1\r\nAuthorization: Bearer {}\r\n\r\n",
        person.access
    )
}
