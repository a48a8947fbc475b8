//! The commands of a socket and their replies.

use std::time::Instant;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Frame, Setup, text};
use crate::samples;

on_every_database!(
    every_command_gets_its_reply,
    a_command_without_an_id_gets_a_reply_without_one,
    joining_and_leaving,
    what_cannot_be_done_is_told,
    what_cannot_be_read_leaves_the_socket_open,
    unknown_fields_are_ignored,
    a_ping_frame_gets_its_payload_back,
    an_idle_socket_has_a_heartbeat,
    starting_by_socket_and_by_rest_is_the_same,
);

async fn every_command_gets_its_reply(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;

    let payload = json!({ "any": ["thing", 1, null], "text": "👋" });
    let pong = socket.command("ping", payload.clone()).await;
    assert_eq!(pong["type"], "pong");
    let mut echoed = pong["data"].clone();
    let time = echoed
        .as_object_mut()
        .unwrap()
        .remove("server_time")
        .unwrap();
    assert!(time.as_str().unwrap().ends_with('Z'), "{pong}");
    assert!(echoed == payload || echoed["data"] == payload, "{pong}");

    let joined = socket.join(&id).await;
    assert_eq!(joined["type"], "session_joined");
    let data = &joined["data"];
    assert_eq!(data["session_id"], id.as_str());
    assert_eq!(data["status"], "pending");
    assert_eq!(data["last_seq"], 0);
    assert_eq!(data["epoch"], nora.evaluation(&id).await["epoch"]);
    assert_eq!(data["members"], 1, "{data}");

    let started = socket
        .command("start_evaluation", json!({ "session_id": id }))
        .await;
    assert_eq!(started["type"], "evaluation_started");
    assert_eq!(started["data"]["session_id"], id.as_str());
    let run = text(&started["data"]["run_id"]);
    let events = socket.until_terminal().await;
    assert!(
        events
            .iter()
            .all(|event| event.value["run_id"] == run.as_str())
    );

    let left = socket
        .command("leave_session", json!({ "session_id": id }))
        .await;
    assert_eq!(left["type"], "session_left");
    assert_eq!(left["data"], json!({ "session_id": id }));
    socket.close().await;
    server.finish().await;
}

async fn a_command_without_an_id_gets_a_reply_without_one(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    for (command, reply) in [
        (r#"{"type":"ping"}"#, "pong"),
        (r#"{"type":"join_session","data":{}}"#, "error"),
    ] {
        socket.send_text(command).await;
        let frame = socket.next_frame().await;
        assert_eq!(frame.kind(), reply);
        assert!(frame.value.get("id").is_none(), "{}", frame.text);
    }
    let long = json!({ "type": "ping", "id": "i".repeat(64) });
    socket.send_text(&long.to_string()).await;
    assert_eq!(socket.next_frame().await.value["id"], "i".repeat(64));
    let longer = json!({ "type": "ping", "id": "i".repeat(65) });
    socket.send_text(&longer.to_string()).await;
    assert_eq!(socket.next_frame().await.kind(), "error");
    socket.close().await;
    server.finish().await;
}

async fn joining_and_leaving(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let (mut first, mut second) = (nora.connect().await, nora.connect().await);
    assert_eq!(first.join(&id).await["data"]["members"], 1);
    let live = second
        .command("join_session", json!({ "session_id": id }))
        .await;
    assert_eq!(live["data"]["members"], 2);
    assert_eq!(live["data"]["recovered"], false, "live only: {live}");
    assert!(
        live["data"].get("reason").is_none_or(Value::is_null),
        "{live}"
    );
    let again = second
        .command("join_session", json!({ "session_id": id }))
        .await;
    assert_eq!(
        again["type"], "session_joined",
        "a second join answers with the position: {again}"
    );

    assert_eq!(
        second
            .command("leave_session", json!({ "session_id": id }))
            .await["type"],
        "session_left"
    );
    let error = second
        .refused("leave_session", json!({ "session_id": id }))
        .await;
    assert_eq!(error["code"], "not_joined");
    nora.start(&id).await;
    first.until_terminal().await;
    // Whoever has left hears nothing: the next frame is the reply.
    second.send_text(r#"{"type":"ping","id":"after"}"#).await;
    assert_eq!(second.next_frame().await.value["id"], "after");
    first.close().await;
    second.close().await;
    server.finish().await;
}

async fn what_cannot_be_done_is_told(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    let refusals = [
        ("join_session", json!({}), "validation"),
        (
            "join_session",
            json!({ "session_id": id, "last_seq": 3 }),
            "validation",
        ),
        (
            "join_session",
            json!({ "session_id": id, "last_seq": -1 }),
            "validation",
        ),
        ("start_evaluation", json!({}), "validation"),
        (
            "cancel_evaluation",
            json!({ "session_id": id }),
            "not_running",
        ),
        ("leave_session", json!({ "session_id": id }), "not_joined"),
        ("dance", json!({}), "unknown_type"),
    ];
    for (command, data, code) in refusals {
        let error = socket.refused(command, data.clone()).await;
        assert_eq!(error["code"], code, "{command} {data}: {error}");
        assert_eq!(error["retryable"], false);
    }
    socket.close().await;
    server.finish().await;
}

async fn what_cannot_be_read_leaves_the_socket_open(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    for broken in [
        "",
        "{",
        "null",
        "[]",
        "42",
        "{\"id\":\"x\"}",
        "{\"type\":7}",
        "{\"type\":\"ping\"}}",
    ] {
        socket.send_text(broken).await;
        let frame = socket.next_frame().await;
        assert_eq!(frame.kind(), "error", "{broken}");
        assert_eq!(
            frame.value["error"]["code"], "bad_request",
            "{broken}: {}",
            frame.text
        );
        assert_eq!(socket.command("ping", json!({})).await["type"], "pong");
    }
    // Twenty in a row are too many; the pings in between have kept the count low.
    for _ in 0..21 {
        socket.send(Message::text("{")).await;
    }
    let (frames, code) = socket.until_closed().await;
    assert_eq!(code, 4500);
    assert!((19..=21).contains(&frames.len()), "{} errors", frames.len());
    assert!(
        frames
            .iter()
            .all(|frame| frame.value["error"]["code"] == "bad_request"),
        "{frames:?}"
    );
    server.finish().await;
}

async fn unknown_fields_are_ignored(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    let command = json!({
        "type": "join_session", "id": "j", "colour": "red", "version": [2],
        "data": { "session_id": id, "mood": { "good": true } },
    });
    socket.send_text(&command.to_string()).await;
    assert_eq!(socket.next_frame().await.kind(), "session_joined");
    socket.close().await;
    server.finish().await;
}

async fn a_ping_frame_gets_its_payload_back(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    socket.send(Message::Ping("are you there".into())).await;
    assert_eq!(socket.pong().await, b"are you there");
    socket.close().await;
    server.finish().await;
}

async fn an_idle_socket_has_a_heartbeat(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    // What was told last, the greeting, is not older than this.
    let idle = Instant::now();
    let mut socket = nora.connect().await;
    let told = socket.next_frame().await;
    assert_eq!(told.kind(), "heartbeat");
    let waited = idle.elapsed().as_secs_f64();
    assert!((20.0..33.0).contains(&waited), "after {waited:.1} s");
    socket.close().await;
    server.finish().await;
}

async fn starting_by_socket_and_by_rest_is_the_same(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut results = Vec::new();
    for by_socket in [true, false] {
        let id = nora
            .create(&samples::evaluation_by(&["lexical", "facts"]))
            .await;
        let mut socket = nora.connect().await;
        socket.join(&id).await;
        if by_socket {
            socket
                .command("start_evaluation", json!({ "session_id": id }))
                .await;
        } else {
            nora.start(&id).await;
        }
        let events = socket.until_terminal().await;
        socket.close().await;
        results.push(events.last().map(Frame::data).unwrap()["result"].clone());
    }
    assert_eq!(
        results[0], results[1],
        "offline judges decide alike each time"
    );
    server.finish().await;
}
