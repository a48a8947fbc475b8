//! Bodies of requests: how large one may be, how long it may take, and how many bytes all may hold.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::http::BASE;
use crate::harness::raw::Raw;
use crate::harness::{PASSWORD, Person, Server, Setup};

on_every_database!(
    credentials_are_small,
    credentials_that_trickle_are_given_up,
    what_a_body_has_sent_buys_it_no_time,
    bodies_in_tiny_pieces_are_refused,
    bodies_under_way_are_bounded_by_address,
    bodies_under_way_are_bounded_in_all,
);

const MIB: usize = 1 << 20;

async fn credentials_are_small(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let pad = |bytes: usize| " ".repeat(bytes);
    for path in [
        "/auth/register",
        "/auth/login",
        "/auth/refresh",
        "/auth/logout",
    ] {
        let answer = server
            .door()
            .post(path, &json!({ "username": pad(8 << 10) }))
            .await;
        answer.is_problem(413, "payload_too_large");
    }
    let answer = nora
        .post(
            "/auth/password",
            &json!({ "current_password": pad(8 << 10) }),
        )
        .await;
    answer.is_problem(413, "payload_too_large");
    let form = server
        .door()
        .request(reqwest::Method::POST, "/auth/login")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(format!("username=nora&password={}", "x".repeat(8 << 10)));
    server
        .door()
        .send(form)
        .await
        .is_problem(413, "payload_too_large");
    // White space is allowed, so a body of exactly that size is read.
    let body = json!({ "username": "nora", "password": PASSWORD }).to_string();
    let body = body.clone() + &pad((8 << 10) - body.len());
    let whole = server
        .door()
        .request(reqwest::Method::POST, "/auth/login")
        .header("Content-Type", "application/json")
        .body(body);
    server.door().send(whole).await.has(200);
    server.finish().await;
}

async fn credentials_that_trickle_are_given_up(setup: Setup) {
    let server = setup.start().await;
    let mut raw = Raw::connect(server.door(), None).await;
    raw.write(
        format!(
            "POST {BASE}/auth/login HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nContent-Length: 8000\r\n\r\n{{"
        )
        .as_bytes(),
    )
    .await;
    let began = Instant::now();
    let trickle = async {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            raw.write(b" ").await;
            if began.elapsed() > Duration::from_secs(9) {
                return raw.head().await;
            }
        }
    };
    let head = trickle.await;
    assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(14), "{took:?}");
    server.finish().await;
}

async fn what_a_body_has_sent_buys_it_no_time(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut raw = Raw::connect(server.door(), None).await;
    let head = format!(
        "POST {BASE}/evaluations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: 4000000\r\n\r\n",
        nora.access
    );
    raw.write(head.as_bytes()).await;
    raw.write(&vec![b' '; 3_000_000]).await;
    let began = Instant::now();
    // Waits at most for as long as any test does, which is a small part of what the bytes were once worth.
    let head = raw.head().await;
    assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
    println!("given up after {:?}", began.elapsed());
    server.finish().await;
}

async fn bodies_in_tiny_pieces_are_refused(setup: Setup) {
    let server = setup.start().await;
    for (pieces, status) in [(1_900, 401), (2_100, 400)] {
        let mut raw = Raw::connect(server.door(), None).await;
        let head = format!(
            "POST {BASE}/auth/login HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let body = json!({ "username": "nobody", "password": PASSWORD }).to_string();
        let first = format!("{:x}\r\n{body}\r\n", body.len());
        raw.write(head.as_bytes()).await;
        raw.write(first.as_bytes()).await;
        raw.write("1\r\n \r\n".repeat(pieces).as_bytes()).await;
        raw.write(b"0\r\n\r\n").await;
        let head = raw.head().await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{pieces}: {head}"
        );
    }
    server.finish().await;
}

/// A request to make an evaluation that has sent so many bytes of a body of 4 MiB.
async fn begun(nora: &Person, from: &str, sent: usize) -> Raw {
    let mut raw = Raw::connect(nora.door(), None).await;
    let head = format!(
        "POST {BASE}/evaluations HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {from}\r\n\
         Content-Type: application/json\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        nora.access,
        4 * MIB,
    );
    raw.write(head.as_bytes()).await;
    raw.write(&vec![b' '; sent]).await;
    raw
}

/// Waits until another body of a MiB is refused, or taken; its status line.
async fn another(nora: &Person, from: &str, expected: &str) -> String {
    let began = Instant::now();
    loop {
        let mut raw = Raw::connect(nora.door(), None).await;
        let head = format!(
            "POST {BASE}/evaluations HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {from}\r\n\
             Content-Type: application/json\r\nAuthorization: Bearer {}\r\nContent-Length: {MIB}\r\n\r\n",
            nora.access,
        );
        raw.write(head.as_bytes()).await;
        raw.write(&vec![b' '; MIB]).await;
        let head = raw.head().await;
        let line = head.lines().next().unwrap().to_owned();
        if line.contains(expected) || began.elapsed() > crate::harness::DEADLINE {
            return line;
        }
        tokio::time::sleep(crate::harness::GLANCE).await;
    }
}

async fn with_limits(setup: Setup, by_address: usize, in_all: usize) -> Server {
    setup
        .set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
        .limit("body_bytes_per_address", by_address as u64)
        .limit("body_bytes", in_all as u64)
        .start()
        .await
}

async fn bodies_under_way_are_bounded_by_address(setup: Setup) {
    let server = with_limits(setup, 8 * MIB, 0).await;
    let nora = server.register("nora").await;
    let (busy, other) = ("192.0.2.1", "192.0.2.2");
    let held = [
        begun(&nora, busy, 3 * MIB).await,
        begun(&nora, busy, 3 * MIB).await,
        begun(&nora, busy, 2 * MIB - 1).await,
    ];
    server.has_read_everything().await;
    let line = another(&nora, busy, " 429 ").await;
    assert!(line.contains(" 429 "), "{line}");
    // Blank, but whole: it was read.
    let line = another(&nora, other, " 400 ").await;
    assert!(line.contains(" 400 "), "{line}");
    drop(held);
    let line = another(&nora, busy, " 400 ").await;
    assert!(line.contains(" 400 "), "{line}");
    server.finish().await;
}

async fn bodies_under_way_are_bounded_in_all(setup: Setup) {
    let server = with_limits(setup, 0, 8 * MIB).await;
    let nora = server.register("nora").await;
    let mut held = Vec::new();
    for last in 1..=3 {
        held.push(begun(&nora, &format!("192.0.2.{last}"), 2 * MIB - 1).await);
    }
    server.has_read_everything().await;
    let line = another(&nora, "192.0.2.9", " 503 ").await;
    assert!(line.contains(" 503 "), "{line}");
    // Nobody is kept from logging in by it, nor from a small request.
    server.login("nora").await;
    nora.create_evaluation().await;
    drop(held);
    let line = another(&nora, "192.0.2.9", " 400 ").await;
    assert!(line.contains(" 400 "), "{line}");
    server.finish().await;
}
