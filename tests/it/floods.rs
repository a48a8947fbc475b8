//! Peers that send frames as fast as they can: the server neither keeps what they send nor serves others
//! worse, and ends the connection.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::harness::{Heard, Person, RawSocket, Setup, frame, handshake};

on_every_database!(
    a_flood_of_frames_takes_no_memory_and_no_time_of_others,
    a_flood_of_frames_ends_the_connection,
    a_few_small_frames_a_second_are_welcome,
);

/// Sockets that send at once.
const SOCKETS: usize = 4;

/// How long each flood lasts.
const FLOOD: Duration = Duration::from_secs(2);

/// What all floods together may add to what the process holds, in KiB.
const MOST_KIB: u64 = 100 << 10;

/// What a hostile socket begins with, and then repeats without an end.
struct Flood {
    name: &'static str,
    first: Vec<u8>,
    again: Vec<u8>,
}

fn floods() -> [Flood; 4] {
    let again = |first, payload: &[u8]| frame(first, payload).repeat(8 << 10);
    [
        Flood {
            name: "empty pongs",
            first: Vec::new(),
            again: again(0x8a, b""),
        },
        Flood {
            name: "pongs of one byte",
            first: Vec::new(),
            again: again(0x8a, b"x"),
        },
        Flood {
            name: "empty pings",
            first: Vec::new(),
            again: again(0x89, b""),
        },
        Flood {
            name: "empty continuations",
            first: frame(0x01, b"{"),
            again: again(0x00, b""),
        },
    ]
}

/// An open socket of somebody who has logged in, or of nobody.
async fn open(person: &Person, logged_in: bool) -> RawSocket {
    if logged_in {
        return RawSocket::open(person, b"").await;
    }
    let authorization = format!("Authorization: Bearer {}\r\n", person.access);
    let request = handshake(person).replace(&authorization, "");
    let mut socket = RawSocket::connect(person).await;
    assert!(socket.write(request.as_bytes()).await, "no handshake");
    let head = socket.head().await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    socket
}

async fn a_flood_of_frames_takes_no_memory_and_no_time_of_others(setup: Setup) {
    // Without the rate, which would end each socket at once: what is read ahead is bounded by itself.
    let server = setup.limit("frames_per_second", 0).start().await;
    let nora = server.register("nora").await;
    let mut took = Vec::new();
    for logged_in in [false, true] {
        for flood in floods() {
            let before = server.memory("VmHWM");
            let mut most = before;
            let end = Instant::now() + FLOOD;
            let sockets = (0..SOCKETS).map(async |_| {
                let mut socket = open(&nora, logged_in).await;
                socket.write(&flood.first).await;
                let mut sent = 0;
                while Instant::now() < end && socket.write_for(&flood.again, end).await {
                    sent += flood.again.len();
                }
                sent
            });
            let others = async {
                while Instant::now() < end {
                    let asked = Instant::now();
                    server.door().health().await;
                    took.push(asked.elapsed());
                    // The system counts its pages roughly, and says a lower peak at times: it is asked all along.
                    most = most.max(server.memory("VmHWM"));
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let (sent, ()) = tokio::join!(join_all(sockets), others);
            let sent: usize = sent.iter().sum();
            let grown = most.max(server.memory("VmHWM")) - before;
            println!(
                "{} {}: {} MB sent, {grown} KiB more held",
                flood.name,
                if logged_in { "after" } else { "before" },
                sent >> 20,
            );
            assert!(sent > 1 << 20, "no flood: {sent} bytes");
            assert!(grown < MOST_KIB, "{}: {grown} KiB", flood.name);
        }
    }
    took.sort();
    println!(
        "{} requests of others: p50 {:?}, p99 {:?}",
        took.len(),
        took[took.len() / 2],
        took[took.len() * 99 / 100],
    );
    assert!(took.len() > 100, "only {} were answered", took.len());
    server.finish().await;
}

async fn a_flood_of_frames_ends_the_connection(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for logged_in in [false, true] {
        for flood in floods() {
            let mut socket = open(&nora, logged_in).await;
            // Enough to be over any burst, and few enough to be read before the end.
            let first = [flood.first, flood.again].concat();
            socket.write(&first).await;
            let code = socket.until_closed().await;
            assert_eq!(code, Some(4429), "{} {logged_in}", flood.name);
        }
    }
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    server.finish().await;
}

async fn a_few_small_frames_a_second_are_welcome(setup: Setup) {
    let setup = setup
        .limit("frames_per_second", 5)
        .limit("frames_burst", 20);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = RawSocket::open(&nora, b"").await;
    for _ in 0..18 {
        socket.write(&frame(0x89, b"here")).await;
        assert!(matches!(socket.hear().await, Heard::Pong(payload) if payload == b"here"));
    }
    // Fragments that are worth their header are bounded by the size of the message.
    for _ in 0..10 {
        let around = r#"{"type":"ping","data":""}"#.len();
        let text = format!(
            r#"{{"type":"ping","data":"{}"}}"#,
            "x".repeat(5120 - around)
        );
        for (index, part) in text.as_bytes().chunks(256).enumerate() {
            socket.write(&frame(u8::from(index == 0), part)).await;
        }
        socket.write(&frame(0x80, &[b' '; 256])).await;
        assert_eq!(socket.reply().await.kind(), "pong");
    }
    socket.answers_a_ping().await;
    socket.leave().await;
    server.finish().await;
}
