//! Getting a socket: the ways to authenticate, and what is refused before the upgrade.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::raw::Raw;
use crate::harness::{DEADLINE, Door, Frame, GLANCE, Knock, Setup};

on_every_database!(
    a_header_a_subprotocol_or_a_message_authenticate,
    a_bad_token_is_told_after_the_upgrade,
    silence_is_not_authentication,
    a_live_connection_can_be_refreshed_by_the_same_user,
    a_foreign_origin_is_refused,
    a_long_foreign_origin_is_kept_in_brief,
    a_token_in_the_address_is_refused,
    a_plain_request_is_told_to_upgrade,
    connections_of_a_user_are_limited,
);

fn is_a_welcome(frame: &Frame, user: &str) {
    assert_eq!(frame.kind(), "welcome", "{}", frame.text);
    let data = frame.data();
    assert_eq!(data["user"]["username"], user);
    assert!(
        data["user"]["id"].is_string() && data["connection_id"].is_string(),
        "{data}"
    );
    for time in ["token_expires_at", "server_time"] {
        assert!(
            data[time].as_str().is_some_and(|time| time.ends_with('Z')),
            "{time}: {data}"
        );
    }
    let limits = &data["limits"];
    assert_eq!(limits["max_message_bytes"], 65536);
    assert_eq!(limits["max_sessions"], 32);
    assert_eq!(limits["commands_per_second"], 20);
    assert_eq!(limits["replay"], 1000);
    assert_eq!(
        data["heartbeat"],
        json!({ "interval_ms": 25000, "timeout_ms": 33000 })
    );
    let reconnect = &data["reconnect"];
    assert_eq!(reconnect["jitter"], "full");
    let (min, max) = (
        reconnect["min_ms"].as_u64().unwrap(),
        reconnect["max_ms"].as_u64().unwrap(),
    );
    assert!(0 < min && min < max, "{reconnect}");
}

async fn a_header_a_subprotocol_or_a_message_authenticate(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let door = server.door();

    let mut by_header = Knock::at(door).bearer(&nora.access).open().await;
    let first = by_header.next_frame().await;
    is_a_welcome(&first, "nora");
    let mut by_subprotocol = Knock::at(door).subprotocol(&nora.access).open().await;
    let second = by_subprotocol.next_frame().await;
    is_a_welcome(&second, "nora");
    assert_ne!(
        first.data()["connection_id"],
        second.data()["connection_id"]
    );
    let mut by_message = Knock::at(door).open().await;
    let third = by_message
        .command("authenticate", json!({ "token": nora.access }))
        .await;
    is_a_welcome(&Frame::of(&third.to_string()), "nora");

    for socket in [by_header, by_subprotocol, by_message] {
        socket.close().await;
    }
    server.finish().await;
}

async fn a_bad_token_is_told_after_the_upgrade(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let door = server.door();
    let (head, signature) = nora.access.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let mut by_message = Knock::at(door).open().await;
    by_message
        .send_text(&json!({ "type": "authenticate", "data": { "token": forged } }).to_string())
        .await;
    let sockets = [
        Knock::at(door).bearer(&forged).open().await,
        Knock::at(door).subprotocol(&forged).open().await,
        Knock::at(door).bearer("not a token").open().await,
        by_message,
    ];
    for mut socket in sockets {
        let (frames, code) = socket.until_closed().await;
        assert_eq!(code, 4501);
        let [error] = frames.as_slice() else {
            panic!("not one error: {frames:?}")
        };
        assert_eq!(error.kind(), "error");
        assert_eq!(
            error.value["error"]["code"], "unauthenticated",
            "{}",
            error.text
        );
    }
    server.finish().await;
}

async fn silence_is_not_authentication(setup: Setup) {
    let server = setup.start().await;
    // One that says nothing, and one that says something else: it waits for ten seconds.
    let mut silent = Knock::at(server.door()).open().await;
    let mut other = Knock::at(server.door()).open().await;
    other.send_text(r#"{"type":"ping","id":"p"}"#).await;
    let (frames, code) = silent.until_closed().await;
    assert_eq!(code, 4408);
    assert!(
        frames.iter().all(|frame| frame.kind() == "error"),
        "{frames:?}"
    );
    let (frames, _) = other.until_closed().await;
    assert_eq!(
        frames[0].value["error"]["code"], "unauthenticated",
        "{frames:?}"
    );
    server.finish().await;
}

async fn a_live_connection_can_be_refreshed_by_the_same_user(setup: Setup) {
    let server = setup.start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let newer = server.login("nora").await;
    let mut socket = nora.connect().await;
    let reply = socket
        .command("authenticate", json!({ "token": newer.access }))
        .await;
    is_a_welcome(&Frame::of(&reply.to_string()), "nora");
    let stranger = json!({ "type": "authenticate", "id": "x", "data": { "token": otto.access } });
    socket.send_text(&stranger.to_string()).await;
    assert_eq!(socket.until_closed().await.1, 4503);
    server.finish().await;
}

async fn a_foreign_origin_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let knock = |origin: &str| {
        Knock::at(server.door())
            .bearer(&nora.access)
            .header("Origin", origin)
    };
    for origin in [
        "http://evil.example",
        "https://localhost:3000",
        "null",
        "http://127.0.0.1.evil.example",
    ] {
        knock(origin).refused().await.has(403);
    }
    let own = server.door().address();
    for origin in ["http://localhost:3000", own.as_str()] {
        let mut socket = knock(origin).open().await;
        is_a_welcome(&socket.next_frame().await, "nora");
        socket.close().await;
    }
    server.finish().await;
}

async fn a_long_foreign_origin_is_kept_in_brief(setup: Setup) {
    let server = setup.start().await;
    let mut raw = Raw::connect(server.door(), None).await;
    let mut request =
        b"GET /ws HTTP/1.1\r\nHost: it\r\nOrigin: http://evil.example/\x9b\t".to_vec();
    request.extend([b'x'; 4000]);
    request.extend(b"\r\n\r\n");
    raw.write(&request).await;
    let head = raw.head().await;
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    let begin = Instant::now();
    let line = loop {
        let printed = server.printed();
        if let Some(line) = printed.lines().find(|line| line.contains("evil.example")) {
            break line.to_owned();
        }
        assert!(begin.elapsed() < DEADLINE, "{printed}");
        tokio::time::sleep(GLANCE).await;
    };
    assert!(
        line.contains("xxx") && !line.contains(&"x".repeat(200)),
        "{line}"
    );
    assert!(!line.contains(['\u{9b}', '\u{fffd}', '\t']), "{line:?}");
    let recorded = server.recorded("origin_refused", 1).await;
    let detail = recorded[0]["detail"].as_str().unwrap();
    assert!(detail.chars().count() <= 200, "{detail}");
    drop(raw);
    server.finish().await;
}

async fn a_token_in_the_address_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for member in ["token", "access_token"] {
        let path = format!("/ws?{member}={}", nora.access);
        let refused = Knock::at_path(server.door(), &path).refused().await;
        refused.has(400);
    }
    server.finish().await;
}

async fn a_plain_request_is_told_to_upgrade(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let door: &Door = server.door();
    let request = door.outside(Method::GET, "/ws").bearer_auth(&nora.access);
    let answer = door.send(request).await.has(426);
    assert_eq!(answer.header("upgrade").to_lowercase(), "websocket");
    server.finish().await;
}

async fn connections_of_a_user_are_limited(setup: Setup) {
    let server = setup.limit("connections_per_user", 2).start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let kept = [nora.connect().await, nora.connect().await];
    let mut third = Knock::at(server.door()).bearer(&nora.access).open().await;
    let (frames, code) = third.until_closed().await;
    assert_eq!(code, 4504, "{frames:?}");
    otto.connect().await.close().await;
    for mut socket in kept {
        assert_eq!(socket.command("ping", Value::Null).await["type"], "pong");
        socket.close().await;
    }
    // A place becomes free with the end of a connection.
    server.is_idle().await;
    nora.connect().await.close().await;
    server.finish().await;
}
