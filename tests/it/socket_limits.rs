//! What a socket does not take: binary, too large, too many, too fast.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::harness::Setup;

on_every_database!(
    binary_is_not_spoken,
    a_message_may_have_this_size_and_no_more,
    fragments_are_one_message,
    fragments_are_added_up,
    commands_are_limited,
    starts_are_limited,
    sessions_of_a_connection_are_limited,
);

async fn binary_is_not_spoken(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    socket
        .send(Message::binary(br#"{"type":"ping"}"#.to_vec()))
        .await;
    assert_eq!(socket.until_closed().await.1, 1003);
    server.finish().await;
}

/// A ping of exactly this many bytes.
fn ping_of(bytes: usize) -> String {
    let frame = json!({ "type": "ping", "id": "p", "data": { "pad": "" } }).to_string();
    frame.replace(
        "\"pad\":\"\"",
        &format!("\"pad\":\"{}\"", "x".repeat(bytes - frame.len())),
    )
}

async fn a_message_may_have_this_size_and_no_more(setup: Setup) {
    let server = setup.limit("max_message_bytes", 4096).start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    socket.send_text(&ping_of(4096)).await;
    assert_eq!(socket.next_frame().await.kind(), "pong");
    socket.send_text(&ping_of(4097)).await;
    assert_eq!(socket.until_closed().await.1, 1009);
    server.finish().await;
}

fn part(text: &str, first: bool, last: bool) -> Message {
    let opcode = OpCode::Data(if first { Data::Text } else { Data::Continue });
    Message::Frame(RawFrame::message(text.as_bytes().to_vec(), opcode, last))
}

async fn fragments_are_one_message(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let whole = r#"{"type":"ping","id":"in pieces","data":{"n":1}}"#;
    socket.send(part(&whole[..7], true, false)).await;
    // A control frame may come in between.
    socket.send(Message::Ping("between".into())).await;
    socket.send(part(&whole[7..20], false, false)).await;
    socket.send(part("", false, false)).await;
    socket.send(part(&whole[20..], false, true)).await;
    let pong = socket.next_frame().await;
    assert_eq!(
        (pong.kind(), &pong.value["id"]),
        ("pong", &json!("in pieces"))
    );
    socket.close().await;
    server.finish().await;
}

async fn fragments_are_added_up(setup: Setup) {
    let server = setup.limit("max_message_bytes", 4096).start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let piece = "x".repeat(1500);
    for n in 0..3 {
        socket.send(part(&piece, n == 0, false)).await;
    }
    assert_eq!(socket.until_closed().await.1, 1009);
    server.finish().await;
}

async fn commands_are_limited(setup: Setup) {
    let setup = setup
        .limit("commands_per_second", 1)
        .limit("commands_burst", 3);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let mut refused = 0;
    for n in 0..8 {
        let reply = socket.command("ping", json!({ "n": n })).await;
        if reply["type"] == "error" {
            refused += 1;
            assert_eq!(reply["error"]["code"], "rate_limited");
            assert_eq!(reply["error"]["retryable"], true);
            assert!(
                reply["error"]["retry_after_ms"]
                    .as_u64()
                    .is_some_and(|ms| ms <= 1000),
                "{reply}"
            );
        } else {
            assert!(n >= 3 || refused == 0, "the burst is let through: {reply}");
        }
    }
    assert!((1..=5).contains(&refused), "{refused} of 8 refused");
    socket.close().await;
    server.finish().await;
}

async fn starts_are_limited(setup: Setup) {
    let server = setup.limit("starts_per_minute", 2).start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let mut statuses = Vec::new();
    let mut last = String::new();
    for _ in 0..3 {
        last = nora.create_evaluation().await;
        let answer = nora
            .post(&format!("/evaluations/{last}/start"), &json!({}))
            .await;
        statuses.push(answer.status);
        if answer.status == 429 {
            assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 60);
        }
    }
    assert_eq!(statuses, [202, 202, 429]);
    let mut socket = nora.connect().await;
    let error = socket
        .refused("start_evaluation", json!({ "session_id": last }))
        .await;
    assert_eq!(
        error["code"], "rate_limited",
        "both doors share one limit: {error}"
    );
    socket.close().await;
    let other = otto.create_evaluation().await;
    otto.start(&other).await;
    server.finish().await;
}

async fn sessions_of_a_connection_are_limited(setup: Setup) {
    let server = setup.limit("sessions_per_connection", 2).start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(nora.create_evaluation().await);
    }
    for id in &ids[..2] {
        assert_eq!(socket.join(id).await["type"], "session_joined");
    }
    let error = socket
        .refused("join_session", json!({ "session_id": ids[2] }))
        .await;
    assert_eq!(error["code"], "limit_exceeded");
    socket
        .command("leave_session", json!({ "session_id": ids[0] }))
        .await;
    assert_eq!(
        socket.join(&ids[2]).await["type"],
        "session_joined",
        "a place became free"
    );
    socket.close().await;
    server.finish().await;
}
