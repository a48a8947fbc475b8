//! Bytes over connections that are kept.

use std::time::Duration;

use futures_util::future::join_all;

use crate::harness::raw::{Raw, SMALL};
use crate::harness::{Person, Server, frame};
use crate::readers::stalled_socket;
use crate::samples;

use super::requests::audited;

/// How much each of them sends at most. A server that reads without a bound keeps several times as much.
const FLOOD: usize = 32 << 20;

/// How long they read nothing: the server cuts them sooner.
const STALL: Duration = Duration::from_secs(12);

const FIN: u8 = 0x80;
const TEXT: u8 = 0x01;
const PONG: u8 = 0x0a;

/// Sends the same frames over and over, until so much is sent or nobody takes it.
async fn flood(person: &Person, token: Option<&str>, first: &[u8], frames: &[u8]) {
    let mut socket = Raw::connect(person.door(), None).await;
    socket.upgrade(token).await;
    let batch = frames.repeat((64 << 10) / frames.len());
    let mut sent = 0;
    if !socket.offers(first).await {
        return;
    }
    while sent < FLOOD && socket.offers(&batch).await {
        sent += batch.len();
    }
}

/// Before a login and after it.
async fn from_two_sides(person: &Person, first: &[u8], frames: &[u8]) {
    tokio::join!(
        flood(person, None, first, frames),
        flood(person, Some(&person.access), first, frames),
    );
}

/// Pongs that nobody asked for, of nothing and of one byte.
pub(super) async fn control_frames(_: &Server, people: &[Person]) {
    let frames = [frame(FIN | PONG, b""), frame(FIN | PONG, b"x")].concat();
    join_all(
        people
            .iter()
            .take(2)
            .map(|person| from_two_sides(person, b"", &frames)),
    )
    .await;
}

/// A message that goes on without a byte more.
pub(super) async fn empty_continuations(_: &Server, people: &[Person]) {
    let begin = frame(TEXT, b"{");
    let more = frame(0x00, b"");
    join_all(
        people
            .iter()
            .take(2)
            .map(|person| from_two_sides(person, &begin, &more)),
    )
    .await;
}

/// Sockets that join a long log and read nothing of it, as many as a user may have.
pub(super) async fn readers_that_stall(_: &Server, people: &[Person]) {
    let each = people.iter().map(|person| async {
        let Some(id) = audited(person, &samples::long_evaluation(600)).await else {
            return Vec::new();
        };
        let mut stalled = Vec::new();
        for _ in 0..8 {
            stalled.push(stalled_socket(person, &id).await);
        }
        tokio::time::sleep(STALL).await;
        stalled
    });
    drop(join_all(each).await);
}

/// Heads that go on, and requests one behind the other whose answers nobody reads.
pub(super) async fn requests_without_an_end(server: &Server, people: &[Person]) {
    let heads = (0..32).map(|_| async {
        let mut raw = Raw::connect(server.door(), Some(SMALL)).await;
        if !raw.offers(b"GET /healthz HTTP/1.1\r\nHost: it\r\n").await {
            return;
        }
        for line in 0..4096 {
            let header = format!("X-{line}: {}\r\n", "a".repeat(200));
            if !raw.offers(header.as_bytes()).await {
                return;
            }
        }
    });
    let pipelines = people.iter().map(|person| async {
        let request = format!(
            "GET /api/v1/evaluations HTTP/1.1\r\nHost: it\r\nAuthorization: Bearer {}\r\n\r\n",
            person.access
        );
        let mut raw = Raw::connect(server.door(), Some(SMALL)).await;
        for _ in 0..2000 {
            if !raw.offers(request.as_bytes()).await {
                return;
            }
        }
    });
    tokio::join!(join_all(heads), join_all(pipelines));
}
