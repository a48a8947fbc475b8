//! The log as a watcher reads it: a line for each security event, none that a stranger forged, and no
//! error for what strangers send.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::raw::Raw;
use crate::harness::{DEADLINE, GLANCE, Knock, RawSocket, Server, Setup, frame};

on_every_database!(
    each_security_event_is_one_line,
    a_stranger_writes_no_line_of_his_own,
    what_strangers_send_is_no_error,
);

const WRONG: &str = "not the right one";

/// Waits until there are so many lines of a kind, and no more; they are its answer.
async fn lines(server: &Server, kind: &str, count: usize) -> Vec<String> {
    let begin = Instant::now();
    loop {
        let printed = server.printed();
        let mark = format!("judge_auditor::security: {kind} ");
        let found: Vec<_> = printed
            .lines()
            .filter(|line| line.contains(&mark))
            .map(str::to_owned)
            .collect();
        if found.len() == count {
            return found;
        }
        assert!(
            begin.elapsed() < DEADLINE && found.len() < count,
            "{kind}: {found:?}\n{printed}"
        );
        tokio::time::sleep(GLANCE).await;
    }
}

async fn each_security_event_is_one_line(setup: Setup) {
    let setup = setup
        .set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
        .limit("logins_per_minute", 3);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let registered = lines(&server, "registered", 1).await;
    assert!(registered[0].contains(" INFO "), "{registered:?}");
    assert!(
        registered[0].ends_with("registered address=127.0.0.1 user=nora"),
        "{registered:?}"
    );
    let login = lines(&server, "login", 1).await;
    assert!(
        login[0].contains("login address=127.0.0.1 user=nora subject="),
        "{login:?}"
    );
    for name in [
        "nora",
        "nobody",
        "hunter22-in-the-wrong-field",
        "nora",
        "nora",
    ] {
        let request = server
            .door()
            .request(Method::POST, "/auth/login")
            .header("X-Forwarded-For", "203.0.113.66")
            .json(&json!({ "username": name, "password": WRONG }));
        server.door().send(request).await;
    }
    let failed = lines(&server, "login_failed", 3).await;
    assert!(failed[0].contains(" WARN "), "{failed:?}");
    assert!(
        failed[0].ends_with("login_failed address=203.0.113.66 user=nora"),
        "{failed:?}"
    );
    assert!(
        failed[1].ends_with("login_failed address=203.0.113.66"),
        "{failed:?}"
    );
    lines(&server, "login_limited", 1).await;
    let id = nora.create_evaluation().await;
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    let deleted = lines(&server, "evaluation_deleted", 1).await;
    assert!(deleted[0].contains(&format!("subject={id}")), "{deleted:?}");
    let printed = server.printed();
    assert!(
        !printed.contains("hunter22") && !printed.contains(WRONG),
        "{printed}"
    );
    // As many lines as entries.
    let entries = server.security_log(&[]).len();
    let all = printed.matches("judge_auditor::security: ").count();
    assert_eq!(all, entries, "{printed}");
    server.finish().await;
}

async fn a_stranger_writes_no_line_of_his_own(setup: Setup) {
    let server = setup.set("AUDITOR_TELEMETRY__FORMAT", "json").start().await;
    let forged = "http://x\" address=198.51.100.7 judge_auditor::security: login_failed";
    let foreign = Knock::at(server.door()).header("Origin", forged);
    foreign.refused().await.has(403);
    server.recorded("origin_refused", 1).await;
    let printed = server.printed();
    let entries: Vec<Value> = printed
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|entry| entry["target"] == "judge_auditor::security")
        .collect();
    assert_eq!(entries.len(), 1, "{printed}");
    assert_eq!(entries[0]["message"], "origin_refused");
    assert_eq!(entries[0]["address"], "127.0.0.1");
    assert!(
        entries[0]["detail"]
            .as_str()
            .unwrap()
            .contains("login_failed")
    );
    server.finish().await;
}

async fn what_strangers_send_is_no_error(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(200_000));
    for request in [
        "\0\0\0\0\r\n\r\n",
        "NOT HTTP AT ALL\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /api/v1/auth/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        &long,
    ] {
        let mut raw = RawSocket::connect(&nora).await;
        raw.write(request.as_bytes()).await;
        raw.head().await;
    }
    // Frames against the protocol, and a request that ends in the middle.
    for first in [0x08, 0x09, 0x0a, 0x80, 0xf1, 0x83] {
        let mut socket = RawSocket::open(&nora, b"").await;
        socket.write(&frame(first, b"x")).await;
        assert_eq!(socket.until_closed().await, Some(4500), "{first:#x}");
    }
    let mut half = Raw::connect(server.door(), None).await;
    half.write(b"POST /api/v1/auth/login HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        .await;
    half.reset();
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    let printed = server.printed();
    assert!(!printed.contains("ERROR"), "{printed}");
    server.finish().await;
}
