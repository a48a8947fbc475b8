use super::*;
use crate::protocol::error::{ErrorCode, FieldError};

#[test]
fn replies_carry_the_commands_id_or_none() {
    let left = Reply::SessionLeft {
        session_id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
    };
    assert_eq!(
        &encode(Some("7"), &left)[..],
        r#"{"id":"7","type":"session_left","data":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}"#
    );
    assert_eq!(
        &encode(None, &Reply::Heartbeat {})[..],
        r#"{"type":"heartbeat","data":{}}"#
    );
}

#[test]
fn a_refusal_lists_its_faults() {
    let refusal = Refusal::invalid(vec![FieldError::new("/data/epoch", "is needed")]);
    let value: serde_json::Value =
        serde_json::from_str(&encode_refusal(Some("a"), &refusal)).unwrap();
    assert_eq!(value["error"]["code"], "validation");
    assert_eq!(value["error"]["retryable"], false);
    assert_eq!(
        value["error"]["details"]["errors"][0]["pointer"],
        "/data/epoch"
    );
    let busy = Refusal::new(ErrorCode::Overloaded, "busy");
    let value: serde_json::Value = serde_json::from_str(&encode_refusal(None, &busy)).unwrap();
    assert_eq!(value["error"]["retry_after_ms"], 1000);
    assert!(value.get("id").is_none());
}

#[test]
fn a_pong_returns_whatever_came() {
    let now = DateTime::parse_from_rfc3339("2026-01-31T12:00:00Z")
        .unwrap()
        .to_utc();
    let pong = |text: Option<&str>| -> serde_json::Value {
        let data = text.map(|text| serde_json::from_str(text).unwrap());
        serde_json::from_str(&encode_pong(None, data, now)).unwrap()
    };
    let merged = pong(Some(r#"{"n":1}"#));
    assert_eq!(
        merged["data"],
        serde_json::json!({"n":1,"server_time":"2026-01-31T12:00:00.000Z"})
    );
    assert_eq!(pong(Some("[1]"))["data"], serde_json::json!([1]));
    assert_eq!(
        pong(None)["data"]["server_time"],
        "2026-01-31T12:00:00.000Z"
    );
}
