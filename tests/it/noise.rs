//! Random changes of good messages and frames: whatever becomes of them, the server goes on.

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::json;

use crate::harness::{Heard, Person, RawSocket, Setup, frame, text_frame};

on_every_database!(
    every_mutated_message_has_one_reply,
    mutated_frames_end_in_a_known_way,
);

/// Bytes that JSON and frames are sensitive to.
const SPICE: &[u8] = b"{}[]\":,\\u0019eE+-.tfn \x00\x7f\x80\xc3\xff";

/// Whoever wants the same noise again puts the printed seed in here.
fn noise() -> TestRng {
    let seed = *uuid::Uuid::now_v7().as_bytes();
    println!("seed {seed:?}");
    TestRng::from_seed(RngAlgorithm::ChaCha, &[seed, seed].concat())
}

fn below(rng: &mut TestRng, bound: usize) -> usize {
    rng.next_u32() as usize % bound
}

/// The same with up to four places changed.
fn mutated(rng: &mut TestRng, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..below(rng, 5) {
        if bytes.is_empty() {
            break;
        }
        let at = below(rng, bytes.len());
        match below(rng, 6) {
            0 => bytes[at] ^= 1 << below(rng, 8),
            1 => bytes[at] = SPICE[below(rng, SPICE.len())],
            2 => bytes.insert(at, SPICE[below(rng, SPICE.len())]),
            3 => drop(bytes.remove(at)),
            4 => bytes.truncate(at),
            _ => {
                let again = bytes[at..bytes.len().min(at + 20)].repeat(1 + below(rng, 50));
                drop(bytes.splice(at..at, again));
            }
        }
    }
    bytes
}

fn commands(id: &str) -> Vec<String> {
    let data = [
        ("join_session", json!({ "session_id": id, "last_seq": 0 })),
        (
            "join_session",
            json!({ "session_id": id, "epoch": "e", "last_seq": 3 }),
        ),
        ("leave_session", json!({ "session_id": id })),
        (
            "start_evaluation",
            json!({ "session_id": id, "client_request_id": "once" }),
        ),
        ("cancel_evaluation", json!({ "session_id": id })),
        (
            "authenticate",
            json!({ "token": "eyJhbGciOiJub25lIn0.e30." }),
        ),
        (
            "ping",
            json!({ "a": [1, -2.5e3, null, true, "🗼"], "b": { "c": {} } }),
        ),
    ];
    data.into_iter()
        .map(|(kind, data)| json!({ "type": kind, "id": "x", "data": data }).to_string())
        .collect()
}

async fn every_mutated_message_has_one_reply(setup: Setup) {
    const MESSAGES: usize = 2_000;
    let server = setup.limit("commands_per_second", 0).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let commands = commands(&id);
    let mut rng = noise();
    let mut socket = RawSocket::open(&nora, b"").await;
    let mut refused = 0;
    for count in 0..MESSAGES {
        let command = &commands[below(&mut rng, commands.len())];
        let message = mutated(&mut rng, command.as_bytes());
        // What is not UTF-8 is no text message; that has a test of its own.
        let message = String::from_utf8_lossy(&message).into_owned();
        let marker = format!("marker {count}");
        let ping = json!({ "type": "ping", "id": marker }).to_string();
        let both = [text_frame(&message), text_frame(&ping)].concat();
        assert!(socket.write(&both).await, "{message}");
        let reply = socket.reply().await;
        assert_ne!(reply.value["id"], marker, "no reply to {message}");
        if reply.kind() == "error" {
            refused += 1;
            assert_ne!(
                reply.value["error"]["code"], "internal",
                "{message}: {}",
                reply.text
            );
        }
        let pong = socket.reply().await;
        assert_eq!(
            (pong.kind(), &pong.value["id"]),
            ("pong", &json!(marker)),
            "{message}: {}",
            pong.text
        );
    }
    println!("{MESSAGES} messages, {refused} refused");
    assert!(
        (MESSAGES / 10..MESSAGES).contains(&refused),
        "{refused} refused"
    );
    socket.leave().await;
    server.finish().await;
}

async fn mutated_frames_end_in_a_known_way(setup: Setup) {
    const CONNECTIONS: usize = 300;
    const FRAMES: usize = 8;
    let setup = setup
        .limit("commands_per_second", 0)
        .limit("connections_per_user", 0);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let commands = commands(&id);
    let mut rng = noise();
    let mut ends = std::collections::BTreeMap::<Option<u16>, usize>::new();
    for _ in 0..CONNECTIONS {
        let mut bytes = Vec::new();
        for _ in 0..FRAMES {
            let command = commands[below(&mut rng, commands.len())].as_bytes();
            let (first, second) = command.split_at(below(&mut rng, command.len()));
            bytes.extend(match below(&mut rng, 4) {
                0 => [frame(0x01, first), frame(0x80, second)].concat(),
                1 => frame(0x89, &second[..second.len().min(125)]),
                _ => frame(0x81, command),
            });
        }
        *ends
            .entry(outcome(&nora, &mutated(&mut rng, &bytes)).await)
            .or_default() += 1;
    }
    println!(
        "{} frames in {CONNECTIONS} connections ended: {ends:?}",
        CONNECTIONS * FRAMES
    );
    let known = [None, Some(1003), Some(1005), Some(1009), Some(4500)];
    assert!(ends.keys().all(|end| known.contains(end)), "{ends:?}");
    for end in [Some(1005), Some(4500)] {
        assert!(
            ends.get(&end).is_some_and(|count| count * 20 > CONNECTIONS),
            "all alike: {ends:?}"
        );
    }
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    server.finish().await;
}

/// How a connection with these bytes ends; every message before that has a type.
async fn outcome(person: &Person, bytes: &[u8]) -> Option<u16> {
    let mut socket = RawSocket::open(person, b"").await;
    socket.write(bytes).await;
    // A good end, and one for a frame that is still waiting for more than was sent: zeros fill it up,
    // and are no frame themselves.
    socket.write(&frame(0x88, b"\x03\xe8")).await;
    socket.write(&[0; 70_000]).await;
    loop {
        match socket.hear().await {
            Heard::Text(frame) => assert!(!frame.kind().is_empty()),
            Heard::Pong(_) => {}
            Heard::Close(code) => return Some(code),
            Heard::End => return None,
        }
    }
}
