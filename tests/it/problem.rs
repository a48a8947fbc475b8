//! Refusals have one shape. That every answer has it is checked at the door of the harness.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::harness::{Answer, DEADLINE, Door, Setup};
use crate::samples;

on_every_database!(
    what_is_not_there_is_404,
    a_wrong_method_is_405,
    a_wrong_content_type_is_415,
    a_body_that_is_no_json_is_400,
    a_body_over_the_limit_is_413,
    a_wrong_shape_is_422,
);

async fn what_is_not_there_is_404(setup: Setup) {
    let server = setup.start().await;
    let door = server.door();
    for path in ["/nothing/here", "/shared/no-such-token"] {
        door.get(path).await.is_problem(404, "not_found");
    }
    for path in [
        "/no/page",
        "/api/v2/evaluations",
        "/../etc/passwd",
        "/%2e%2e/Cargo.toml",
    ] {
        door.send(door.outside(Method::GET, path))
            .await
            .is_problem(404, "not_found");
    }
    server.finish().await;
}

async fn a_wrong_method_is_405(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for (method, path) in [
        (Method::PATCH, "/evaluations"),
        (Method::PUT, "/evaluations"),
        (Method::GET, "/auth/login"),
        (Method::DELETE, "/judges"),
    ] {
        nora.door().send(nora.request(method, path)).await.has(405);
    }
    server.finish().await;
}

async fn a_wrong_content_type_is_415(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let body = samples::evaluation().to_string();
    let plain = nora
        .request(Method::POST, "/evaluations")
        .body(body.clone());
    nora.door().send(plain).await.has(415);
    let xml = nora
        .request(Method::POST, "/evaluations")
        .header("Content-Type", "application/xml");
    nora.door().send(xml.body(body)).await.has(415);
    server.finish().await;
}

async fn a_body_that_is_no_json_is_400(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let whole = samples::evaluation().to_string();
    let trailing = format!("{whole}{{");
    let broken = [
        "",
        "{",
        "{\"source_text\": \"a\",}",
        "{\"source_text\": \"\u{1}\"}",
        &trailing,
    ];
    for body in broken.map(str::to_owned) {
        let request = nora
            .request(Method::POST, "/evaluations")
            .header("Content-Type", "application/json")
            .body(body);
        nora.door()
            .send(request)
            .await
            .is_problem(400, "bad_request");
    }
    let request = server
        .door()
        .request(Method::POST, "/auth/login")
        .header("Content-Type", "application/json")
        .body(&b"\xff\xfe{}"[..]);
    server
        .door()
        .send(request)
        .await
        .is_problem(400, "bad_request");
    server.finish().await;
}

async fn a_body_over_the_limit_is_413(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    // Announced only: a client that really sent it could meet a closed connection half-way.
    let answer = announce(server.door(), &nora.access, 1 << 30);
    answer.is_well_formed();
    answer.is_problem(413, "payload_too_large");
    server.finish().await;
}

fn announce(door: &Door, token: &str, bytes: usize) -> Answer {
    let address = door.address();
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(
        stream,
        "POST /api/v1/evaluations HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n{{"
    )
    .unwrap();
    let mut received = Vec::new();
    // A reset after the answer is fine: nobody wants the rest of the body.
    let mut part = [0; 4096];
    while let Ok(n @ 1..) = stream.read(&mut part) {
        received.extend_from_slice(&part[..n]);
    }
    let received = String::from_utf8(received).unwrap();
    let (head, body) = received.split_once("\r\n\r\n").expect("an answer");
    let mut lines = head.lines();
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers: HeaderMap = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value.trim()).unwrap())
        })
        .collect();
    Answer::of(
        "an announced body",
        status,
        headers,
        body.as_bytes().to_vec(),
    )
}

async fn a_wrong_shape_is_422(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for body in [
        json!([]),
        json!({}),
        json!({ "source_text": 7, "candidate_output": "b" }),
    ] {
        nora.post("/evaluations", &body)
            .await
            .is_problem(422, "validation");
    }
    let typo =
        json!({ "source_text": "a", "candidate_output": "b", "config": { "judge": ["lexical"] } });
    nora.post("/evaluations", &typo)
        .await
        .is_problem(422, "validation");
    server.finish().await;
}
