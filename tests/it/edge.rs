//! What holds for every resource: names of the server, HEAD, clients of HTTP/1.0, compression, what is
//! kept by nobody, and that nothing that was sent is dropped in silence.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::json;

use crate::harness::http::BASE;
use crate::harness::raw::{Raw, dechunked};
use crate::harness::{Knock, Setup};
use crate::samples;

on_every_database!(
    a_name_that_is_not_the_servers_is_refused,
    head_is_answered_where_get_is,
    an_old_client_gets_no_chunks,
    texts_are_compressed_and_streams_are_not,
    what_is_private_is_kept_by_nobody,
    the_reference_page_stands_in_no_frame,
    what_a_resource_does_not_know_is_refused,
    further_subprotocols_change_nothing,
);

async fn a_name_that_is_not_the_servers_is_refused(setup: Setup) {
    let server = setup.start().await;
    let door = server.door();
    for (name, status) in [
        ("evil.example", 403),
        ("evil.example:80", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost:1", 200),
        ("auditor", 200),
        ("192.0.2.7:8000", 200),
        ("[::1]:8000", 200),
    ] {
        let asked = door.outside(Method::GET, "/healthz").header("Host", name);
        let answer = door.send(asked).await.has(status);
        if status == 403 {
            answer.is_problem(403, "forbidden");
        }
    }
    // A page that made its own name lead here would be of the server's own origin.
    let rebound = Knock::at(door)
        .header("Host", "evil.example")
        .header("Origin", "http://evil.example");
    rebound.refused().await.has(403);
    server.finish().await;
}

#[tokio::test]
async fn names_can_be_listed_and_a_closed_server_goes_by_any() {
    let listed = Setup::sqlite().set("AUDITOR_SERVER__ALLOWED_HOSTS", "audit.example");
    let closed = Setup::sqlite().set("AUDITOR_AUTH__REGISTRATION", "closed");
    let behind = Setup::sqlite().set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1");
    for (setup, cases) in [
        (listed, [("audit.example", 200), ("other.example", 403)]),
        (closed, [("audit.example", 200), ("other.example", 200)]),
        (behind, [("audit.example", 200), ("other.example", 200)]),
    ] {
        let server = setup.start().await;
        for (name, status) in cases {
            let asked = server.door().outside(Method::GET, "/healthz");
            let answer = server.door().send(asked.header("Host", name)).await;
            assert_eq!(answer.status, status, "{name}");
        }
        server.finish().await;
    }
}

async fn head_is_answered_where_get_is(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    for path in [
        "/auth/me".to_owned(),
        "/evaluations".to_owned(),
        format!("/evaluations/{id}"),
        format!("/evaluations/{id}/events"),
        format!("/evaluations/{id}/export?format=html"),
        "/openapi.json".to_owned(),
        "/asyncapi.json".to_owned(),
    ] {
        let get = nora.get(&path).await.has(200);
        let head = server
            .door()
            .send(nora.request(Method::HEAD, &path))
            .await
            .has(200);
        assert!(head.bytes.is_empty(), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
        let length: usize = head.header("content-length").parse().unwrap();
        assert_eq!(length, get.bytes.len(), "{path}");
    }
    // A stream's head is answered, and nothing is waited for.
    let stream = nora
        .request(Method::HEAD, &format!("/evaluations/{id}/events"))
        .header("Accept", "text/event-stream");
    let head = server.door().send(stream).await.has(200);
    assert_eq!(head.header("content-type"), "text/event-stream");
    let other = server
        .door()
        .send(nora.request(Method::HEAD, "/auth/login"))
        .await;
    assert_eq!((other.status, other.header("allow")), (405, "POST"));
    let deleted = nora.delete("/evaluations").await.has(405);
    assert_eq!(deleted.header("allow"), "GET, HEAD, POST");
    server.finish().await;
}

async fn an_old_client_gets_no_chunks(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    let request = |version: &str| {
        format!(
            "GET {BASE}/evaluations/{id}/events HTTP/{version}\r\nHost: localhost\r\n\
             Accept: text/event-stream\r\nAuthorization: Bearer {}\r\n\r\n",
            nora.access
        )
    };
    let mut bodies = Vec::new();
    for version in ["1.0", "1.1"] {
        let mut raw = Raw::connect(server.door(), None).await;
        raw.write(request(version).as_bytes()).await;
        let head = raw.head().await.to_lowercase();
        let chunked = head.contains("transfer-encoding: chunked");
        assert_eq!(chunked, version == "1.1", "{head}");
        let mut bytes = Vec::new();
        let body = loop {
            bytes.extend(raw.read(4096).await);
            let body = if chunked {
                dechunked(&bytes)
            } else {
                bytes.clone()
            };
            let text = String::from_utf8_lossy(&body).into_owned();
            if text.contains("event: evaluation_complete") && text.ends_with("\n\n") {
                break text;
            }
        };
        assert!(body.contains("event: session_joined"), "{body}");
        let first = body.find("event: evaluation_progress").unwrap();
        bodies.push(body[first..].to_owned());
    }
    assert_eq!(bodies[0], bodies[1]);
    server.finish().await;
}

async fn texts_are_compressed_and_streams_are_not(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    for path in [
        format!("/evaluations/{id}"),
        format!("/evaluations/{id}/events"),
        "/openapi.json".to_owned(),
    ] {
        let plain = nora.get(&path).await.has(200);
        assert!(!plain.headers.contains_key("content-encoding"), "{path}");
        let request = nora
            .request(Method::GET, &path)
            .header("Accept-Encoding", "gzip");
        let small = server.door().send(request).await.has(200);
        assert_eq!(small.header("content-encoding"), "gzip", "{path}");
        assert_eq!(small.header("content-type"), plain.header("content-type"));
        let mut unpacked = Vec::new();
        GzDecoder::new(&small.bytes[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain.bytes, "{path}");
        for answer in [plain, small] {
            let varies = answer.headers.get_all("vary").iter().any(|line| {
                line.to_str()
                    .unwrap()
                    .eq_ignore_ascii_case("accept-encoding")
            });
            assert!(varies, "{path}");
        }
    }
    // Too small to be worth it; a file that is sent in pieces as it lies on the disk.
    for path in [
        "/auth/me".to_owned(),
        format!("/evaluations/{id}/export?format=csv"),
        format!("/evaluations/{id}/export?format=pdf"),
    ] {
        let request = nora
            .request(Method::GET, &path)
            .header("Accept-Encoding", "gzip");
        let answer = server.door().send(request).await.has(200);
        assert!(!answer.headers.contains_key("content-encoding"), "{path}");
    }
    let stream = nora
        .request(Method::GET, &format!("/evaluations/{id}/events"))
        .header("Accept", "text/event-stream")
        .header("Accept-Encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert!(!stream.headers().contains_key("content-encoding"));
    drop(stream);
    server.finish().await;
}

async fn what_is_private_is_kept_by_nobody(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    for path in [
        "/auth/me".to_owned(),
        "/evaluations".to_owned(),
        format!("/evaluations/{id}"),
        format!("/evaluations/{id}/events"),
        format!("/evaluations/{id}/export?format=json"),
        "/preferences".to_owned(),
        "/statistics".to_owned(),
        "/judges".to_owned(),
        "/nothing".to_owned(),
    ] {
        let answer = nora.get(&path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let made = nora
        .post("/evaluations", &samples::evaluation())
        .await
        .has(201);
    assert_eq!(made.header("cache-control"), "no-store");
    server.finish().await;
}

async fn the_reference_page_stands_in_no_frame(setup: Setup) {
    let server = setup.start().await;
    for path in ["/docs", "/docs/", "/docs/reference.css"] {
        let asked = server.door().outside(Method::GET, path);
        let answer = server.door().send(asked).await;
        assert!(answer.status < 400, "{path}: {}", answer.status);
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|given| given == part), "{policy}");
        }
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
    server.finish().await;
}

async fn what_a_resource_does_not_know_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    for (path, pointer) in [
        ("/evaluations?minscore=5".to_owned(), "/minscore"),
        ("/evaluations?limit=5&metadata=x".to_owned(), "/metadata"),
        (format!("/evaluations/{id}?q=x"), "/q"),
        (format!("/evaluations/{id}/events?after=3"), "/after"),
        ("/auth/me?a~b/c=1".to_owned(), "/a~0b~1c"),
        ("/statistics?day=3".to_owned(), "/day"),
        ("/judges?=1".to_owned(), "/"),
    ] {
        let body = nora.get(&path).await.is_invalid_at(pointer);
        let detail = body["errors"][0]["detail"].as_str().unwrap();
        let said = detail.contains("there are: ") || detail.contains("takes no parameters");
        assert!(said, "{path}: {detail}");
    }
    let long = format!("/evaluations?{}=1", "x".repeat(5000));
    assert!(nora.get(&long).await.has(422).bytes.len() < 2000);
    nora.get("/evaluations?limit=5&sort=created_at")
        .await
        .has(200);

    let mut body = samples::evaluation();
    for member in ["metadata", "tags", "source"] {
        body[member] = json!({ "team": "red" });
        let answer = nora.post("/evaluations", &body).await;
        answer.is_invalid_at(&format!("/{member}"));
        body.as_object_mut().unwrap().remove(member);
    }
    let start = json!({ "client_request_id": "a", "tags": [] });
    let path = format!("/evaluations/{id}/start");
    nora.post(&path, &start).await.is_invalid_at("/tags");
    let login = json!({ "username": "nora", "password": "x", "metadata": 1 });
    server
        .door()
        .post("/auth/login", &login)
        .await
        .is_invalid_at("/metadata");
    server.finish().await;
}

async fn further_subprotocols_change_nothing(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let bearer = {
        use base64::Engine as _;
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&nora.access);
        format!("base64url.bearer.{token}")
    };
    for lines in [
        vec![format!("judge-auditor.v1, {bearer}")],
        vec![format!("{bearer}, judge-auditor.v1")],
        vec!["judge-auditor.v1".to_owned(), bearer.clone()],
        vec![bearer.clone(), "judge-auditor.v1".to_owned()],
        vec![
            "soap".to_owned(),
            format!("{bearer},wamp,  judge-auditor.v1"),
        ],
    ] {
        let mut raw = Raw::connect(server.door(), None).await;
        let offered: String = lines
            .iter()
            .map(|line| format!("Sec-WebSocket-Protocol: {line}\r\n"))
            .collect();
        raw.write(
            format!(
                "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offered}\r\n"
            )
            .as_bytes(),
        )
        .await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let chosen: Vec<_> = head
            .lines()
            .filter(|line| line.to_lowercase().starts_with("sec-websocket-protocol:"))
            .collect();
        assert_eq!(chosen.len(), 1, "{head}");
        assert!(chosen[0].ends_with(": judge-auditor.v1"), "{head}");
        let welcome = raw.read(4096).await;
        let welcome = String::from_utf8_lossy(&welcome).into_owned();
        assert!(welcome.contains(r#""type":"welcome""#), "{welcome}");
    }
    // None of ours is offered: the socket opens, and none is chosen.
    let mut raw = Raw::connect(server.door(), None).await;
    raw.write(
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
          Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
          Sec-WebSocket-Protocol: soap\r\n\r\n",
    )
    .await;
    let head = raw.head().await.to_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(!head.contains("sec-websocket-protocol"), "{head}");
    drop(raw);
    server.finish().await;
}
