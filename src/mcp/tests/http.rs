use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::*;

/// A server without tools.
#[derive(Clone)]
struct Bare;

impl ServerHandler for Bare {}

async fn answered(host: Option<&str>, message: &Value) -> (u16, String) {
    let mut request = TestRequest::post()
        .uri("/mcp")
        .insert_header(("accept", "application/json, text/event-stream"))
        .insert_header(("content-type", "application/json"));
    if let Some(host) = host {
        request = request.insert_header(("host", host));
    }
    let bytes = Bytes::from(message.to_string());
    let passed = passed_on(&request.to_http_request(), bytes).unwrap();
    let (head, body) = library(Bare).handle(passed).await.into_parts();
    let body = whole(body).await;
    (
        head.status.as_u16(),
        String::from_utf8_lossy(&body).into_owned(),
    )
}

#[tokio::test]
async fn a_message_is_answered_whatever_its_host_is() {
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    for host in [None, Some("auditor.example:8000"), Some("not a host")] {
        let (status, body) = answered(host, &ping).await;
        assert_eq!(status, 200, "{host:?}: {body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body["result"].is_object(), "{host:?}: {body}");
        let (status, body) = answered(host, &told).await;
        assert_eq!(status, 202, "{host:?}: {body}");
    }
}

#[test]
fn the_token_is_not_passed_on() {
    let request = TestRequest::post()
        .insert_header(("authorization", "Bearer ja_secret"))
        .insert_header(("mcp-param-id", "7"))
        .to_http_request();
    let passed = passed_on(&request, Bytes::new()).unwrap();
    assert!(passed.headers().get("authorization").is_none());
    assert_eq!(passed.headers()["mcp-param-id"], "7");
}
