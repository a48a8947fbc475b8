//! What pages of other origins may ask and read.

use reqwest::Method;
use serde_json::json;

use crate::harness::http::BASE;
use crate::harness::{Answer, Server, Setup};

on_every_database!(
    a_preflight_of_a_listed_origin_is_allowed,
    a_page_may_send_what_mcp_needs,
    a_listed_origin_reads_every_answer,
    other_origins_get_no_such_header,
    pages_of_this_machine_may_not_read_a_public_server,
);

const LISTED: &str = "https://app.example";
const ALLOW: &str = "access-control-allow-origin";

fn listing(setup: Setup) -> Setup {
    setup.set("AUDITOR_SERVER__ALLOWED_ORIGINS", LISTED)
}

async fn preflight(server: &Server, path: &str, method: &str, origin: &str) -> Answer {
    let request = server
        .door()
        .outside(Method::OPTIONS, path)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
        .header(
            "Access-Control-Request-Headers",
            "authorization,content-type",
        );
    server.door().send(request).await
}

/// The values of a header that lists, over all its lines.
fn listed(answer: &Answer, name: &str) -> Vec<String> {
    answer
        .headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.to_str().unwrap().split(','))
        .map(|value| value.trim().to_lowercase())
        .collect()
}

async fn a_preflight_of_a_listed_origin_is_allowed(setup: Setup) {
    let server = listing(setup).start().await;
    let id = uuid::Uuid::now_v7();
    for (path, method) in [
        (format!("{BASE}/auth/login"), "POST"),
        (format!("{BASE}/evaluations"), "POST"),
        (format!("{BASE}/evaluations/{id}"), "DELETE"),
        (format!("{BASE}/evaluations/{id}/events"), "GET"),
        (format!("{BASE}/evaluations/{id}/export"), "GET"),
        (format!("{BASE}/preferences"), "PUT"),
    ] {
        let answer = preflight(&server, &path, method, LISTED).await.has(204);
        assert_eq!(answer.header(ALLOW), LISTED);
        assert!(answer.bytes.is_empty());
        let methods = listed(&answer, "access-control-allow-methods");
        assert!(methods.contains(&method.to_lowercase()), "{methods:?}");
        let headers = listed(&answer, "access-control-allow-headers");
        for header in [
            "authorization",
            "content-type",
            "idempotency-key",
            "last-event-id",
        ] {
            assert!(headers.iter().any(|known| known == header), "{headers:?}");
        }
        let age: u32 = answer.header("access-control-max-age").parse().unwrap();
        assert!(age > 0);
        assert!(listed(&answer, "vary").contains(&"origin".to_owned()));
        // A cookie goes to this server's own pages only.
        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
    }
    server.finish().await;
}

async fn a_page_may_send_what_mcp_needs(setup: Setup) {
    let server = listing(setup).start().await;
    let answer = preflight(&server, "/mcp", "POST", LISTED).await.has(204);
    assert_eq!(answer.header(ALLOW), LISTED);
    let allowed = listed(&answer, "access-control-allow-headers");
    for header in [
        "authorization",
        "content-type",
        "last-event-id",
        "mcp-protocol-version",
        "mcp-session-id",
        "mcp-method",
        "mcp-name",
    ] {
        assert!(allowed.iter().any(|known| known == header), "{allowed:?}");
    }
    let page = server
        .door()
        .outside(Method::POST, "/mcp")
        .header("Origin", LISTED);
    let refused = server.door().send(page).await.has(401);
    assert_eq!(refused.header(ALLOW), LISTED);
    server.finish().await;
}

async fn a_listed_origin_reads_every_answer(setup: Setup) {
    let server = listing(setup).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    let from = |method: Method, path: &str| nora.request(method, path).header("Origin", LISTED);
    let readable = |answer: &Answer| {
        assert_eq!(answer.header(ALLOW), LISTED, "{answer:?}");
        assert!(listed(answer, "vary").contains(&"origin".to_owned()));
        let exposed = listed(answer, "access-control-expose-headers");
        for header in [
            "x-request-id",
            "retry-after",
            "location",
            "content-disposition",
        ] {
            assert!(exposed.iter().any(|known| known == header), "{exposed:?}");
        }
    };
    let door = server.door();
    readable(&door.send(from(Method::GET, "/evaluations")).await.has(200));
    let path = format!("/evaluations/{id}/export?format=csv");
    readable(&door.send(from(Method::GET, &path)).await.has(200));
    // Refusals too, whoever refuses.
    let missing = format!("/evaluations/{}", uuid::Uuid::now_v7());
    readable(&door.send(from(Method::GET, &missing)).await.has(404));
    readable(
        &door
            .send(from(Method::DELETE, "/evaluations"))
            .await
            .has(405),
    );
    let anybody = door
        .request(Method::POST, "/auth/login")
        .header("Origin", LISTED)
        .json(&json!({ "username": "nora", "password": "not the right one" }));
    readable(&door.send(anybody).await.has(401));

    let stream = from(Method::GET, &format!("/evaluations/{id}/events"))
        .header("Accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()[ALLOW], LISTED);
    drop(stream);
    server.finish().await;
}

async fn other_origins_get_no_such_header(setup: Setup) {
    let server = listing(setup).start().await;
    let nora = server.register("nora").await;
    for origin in [
        "https://evil.example",
        "http://app.example",
        "null",
        "https://app.example:8443",
    ] {
        let asked = preflight(&server, &format!("{BASE}/evaluations"), "POST", origin).await;
        let read = nora
            .request(Method::GET, "/evaluations")
            .header("Origin", origin);
        let read = server.door().send(read).await.has(200);
        for answer in [asked, read] {
            let told: Vec<_> = answer
                .headers
                .keys()
                .filter(|name| name.as_str().starts_with("access-control-"))
                .collect();
            assert!(told.is_empty(), "{origin}: {told:?}");
            // A cache must not give this answer to a page that may read it.
            assert!(listed(&answer, "vary").contains(&"origin".to_owned()));
        }
    }
    let without = nora.get("/evaluations").await.has(200);
    assert!(!without.headers.contains_key(ALLOW));
    assert!(listed(&without, "vary").contains(&"origin".to_owned()));
    server.finish().await;
}

async fn pages_of_this_machine_may_not_read_a_public_server(setup: Setup) {
    let server = setup.set("AUDITOR_BIND", "0.0.0.0:0").start().await;
    let nora = server.register("nora").await;
    for (origin, expected) in [
        ("http://localhost:3000".to_owned(), None),
        ("http://127.0.0.1:1".to_owned(), None),
        (server.door().address(), Some(server.door().address())),
    ] {
        let request = nora
            .request(Method::GET, "/evaluations")
            .header("Origin", &origin);
        let answer = server.door().send(request).await.has(200);
        let allowed = answer
            .headers
            .get(ALLOW)
            .map(|value| value.to_str().unwrap());
        assert_eq!(allowed, expected.as_deref(), "{origin}");
    }
    let printed = server.printed();
    assert!(printed.contains("without TLS in front"), "{printed}");
    server.finish().await;
}
