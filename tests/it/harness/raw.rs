//! A client that is nothing but a TCP socket, for what no library would do.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::DEADLINE;
use super::bytes::text_frame;
use super::http::{BASE, Door};

/// The smallest receive buffer that is of use: the kernel takes two to four kilobytes for the client.
pub(crate) const SMALL: u32 = 4096;

/// A raw connection.
pub(crate) struct Raw {
    stream: TcpStream,
}

impl Raw {
    /// Connects, with so large a receive buffer or the system's own.
    pub(crate) async fn connect(door: &Arc<Door>, receive_buffer: Option<u32>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        Self::with(socket, door).await
    }

    /// Connects from another address of this machine, of which Linux has sixteen million.
    pub(crate) async fn connect_from(source: Ipv4Addr, door: &Arc<Door>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((source, 0).into()).unwrap();
        Self::with(socket, door).await
    }

    async fn with(socket: TcpSocket, door: &Arc<Door>) -> Self {
        let address = door.address();
        let address: SocketAddr = address.trim_start_matches("http://").parse().unwrap();
        let stream = timeout(DEADLINE, socket.connect(address)).await;
        Self {
            stream: stream.expect("a connection").unwrap(),
        }
    }

    /// Writes bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        timeout(DEADLINE, self.stream.write_all(bytes))
            .await
            .expect("room to write")
            .unwrap();
    }

    /// Writes bytes where that can be done soon; false where they are not taken, or nobody is there.
    pub(crate) async fn offers(&mut self, bytes: &[u8]) -> bool {
        const PATIENCE: Duration = Duration::from_secs(3);
        let written = timeout(PATIENCE, self.stream.write_all(bytes)).await;
        matches!(written, Ok(Ok(())))
    }

    /// Reads a response's head, and not a byte more.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = timeout(DEADLINE, self.stream.read_u8()).await;
            head.push(byte.expect("a head").unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// Upgrades to a socket, with a token or without.
    pub(crate) async fn upgrade(&mut self, token: Option<&str>) {
        let authorization = token.map_or_else(String::new, |token| {
            format!("Authorization: Bearer {token}\r\n")
        });
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: it\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: judge-auditor.v1\r\n{authorization}\r\n"
        );
        self.write(request.as_bytes()).await;
        let head = self.head().await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    }

    /// Sends a text message.
    pub(crate) async fn send(&mut self, text: &str) {
        self.write(&text_frame(text)).await;
    }

    /// Asks for a session's stream.
    pub(crate) async fn listen(&mut self, session: &str, token: &str) {
        let path = format!("/evaluations/{session}/events");
        self.get(&path, token, "text/event-stream").await;
    }

    /// Asks for a resource; the head of its answer, which must be good.
    pub(crate) async fn get(&mut self, path: &str, token: &str, accept: &str) -> String {
        let request = format!(
            "GET {BASE}{path} HTTP/1.1\r\nHost: it\r\n\
             Accept: {accept}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        self.write(request.as_bytes()).await;
        let head = self.head().await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        head
    }

    /// Reads up to so many bytes; none at the end.
    pub(crate) async fn read(&mut self, most: usize) -> Vec<u8> {
        let mut bytes = vec![0; most];
        let count = timeout(DEADLINE, self.stream.read(&mut bytes)).await;
        let count = count.expect("something to read").unwrap();
        bytes.truncate(count);
        bytes
    }

    /// Reads to the end; a reset is one.
    pub(crate) async fn ended(&mut self) {
        let mut bytes = [0; 4096];
        let reading =
            async { while !matches!(self.stream.read(&mut bytes).await, Ok(0) | Err(_)) {} };
        timeout(DEADLINE, reading).await.expect("an end");
    }

    /// Closes its own side, and goes on reading.
    pub(crate) async fn close_half(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Goes without a word: what was not sent or read is thrown away, and the peer gets a reset.
    pub(crate) fn reset(self) {
        let stream = self.stream.into_std().unwrap();
        socket2::SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
}

/// The texts in the bytes of whole frames that a server sent.
pub(crate) fn texts(bytes: &[u8]) -> Vec<String> {
    let texts = frames(bytes)
        .into_iter()
        .filter(|(head, _)| *head == 0x81)
        .map(|(_, payload)| String::from_utf8(payload).unwrap());
    texts.collect()
}

/// The code of the close frame that comes last.
pub(crate) fn close_code(bytes: &[u8]) -> Option<u16> {
    let (head, payload) = frames(bytes).pop()?;
    let code = payload.first_chunk()?;
    (head == 0x88).then(|| u16::from_be_bytes(*code))
}

/// Whole frames: their first byte and their payload.
fn frames(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [head, short, rest @ ..] = bytes {
        let (length, skip) = match short {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), 2),
            127 => (
                usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap(),
                8,
            ),
            short => (usize::from(*short), 0),
        };
        let Some(payload) = rest.get(skip..skip + length) else {
            break;
        };
        frames.push((*head, payload.to_vec()));
        bytes = &rest[skip + length..];
    }
    frames
}

/// The body in the bytes of whole chunks that a server sent.
pub(crate) fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        let Some(chunk) = bytes.get(end + 2..end + 2 + size) else {
            break;
        };
        body.extend_from_slice(chunk);
        bytes = bytes.get(end + 2 + size + 2..).unwrap_or_default();
    }
    body
}
