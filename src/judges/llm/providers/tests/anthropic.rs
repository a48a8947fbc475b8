//! Requests and replies in Anthropic's format.

use super::*;
use crate::judges::llm::client;
use crate::judges::llm::prompt::Repair;

fn provider(structured: Structured) -> Anthropic {
    Anthropic::new(&Settings {
        max_tokens: 700,
        structured,
        api_key: Some("the-key".into()),
        ..Settings::new("j", "http://127.0.0.1:1", "some-model")
    })
}

fn prompt(repair: Option<Repair>) -> Prompt {
    Prompt {
        system: "rules".into(),
        version: "test".into(),
        claims: 0,
        user: "texts".into(),
        schema: RawValue::from_string(r#"{"z":1,"maxItems":3,"a":2}"#.into())
            .unwrap()
            .into(),
        repair,
    }
}

fn sent(provider: &Anthropic, prompt: &Prompt) -> (reqwest::Request, String) {
    let client = client(&[]).unwrap();
    let request = provider.request(&client, prompt).build().unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap();
    let body = String::from_utf8(body.to_owned()).unwrap();
    (request, body)
}

#[test]
fn the_request_forces_the_tool() {
    let (request, body) = sent(&provider(Structured::Schema), &prompt(None));
    assert_eq!(request.url().as_str(), "http://127.0.0.1:1/v1/messages");
    assert_eq!(request.headers()["anthropic-version"], "2023-06-01");
    assert_eq!(request.headers()["x-api-key"], "the-key");
    assert!(!request.headers().contains_key("authorization"));
    let expected = concat!(
        r#"{"model":"some-model","max_tokens":700,"temperature":0.0,"tools":[{"name":"assessment","#,
        r#""description":"Takes the assessment.","input_schema":{"z":1,"a":2}}],"#,
        r#""tool_choice":{"name":"assessment","type":"tool"},"#,
        r#""system":[{"cache_control":{"type":"ephemeral"},"text":"rules","type":"text"}],"#,
        r#""messages":[{"role":"user","content":"texts"}]}"#
    );
    assert_eq!(body, expected);
}

#[test]
fn a_repair_is_two_more_turns_and_a_prompt_alone_has_no_tool() {
    let repair = Repair {
        reply: "{}".into(),
        complaint: "again".into(),
    };
    let provider = Anthropic {
        temperature: None,
        ..provider(Structured::Prompt)
    };
    let (_, body) = sent(&provider, &prompt(Some(repair)));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body.get("tools"), None);
    assert_eq!(body.get("tool_choice"), None);
    assert_eq!(body.get("temperature"), None);
    let turns = json!([
        {"role": "user", "content": "texts"},
        {"role": "assistant", "content": "{}"},
        {"role": "user", "content": "again"},
    ]);
    assert_eq!(body["messages"], turns);
}

#[test]
fn replies_are_read() {
    let got = provider(Structured::Schema)
        .parse(r#"{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"I'll call it."},{"type":"tool_use","id":"t","name":"assessment","input":{"z": 1, "a": 2}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"cache_creation_input_tokens":10,"cache_read_input_tokens":200,"output_tokens":7}}"#)
        .unwrap();
    assert_eq!(got.text.unwrap(), r#"{"z": 1, "a": 2}"#);
    let usage = Usage {
        prompt_tokens: 213,
        completion_tokens: 7,
        cost_usd: None,
    };
    assert_eq!(got.usage, Some(usage));
    let got = provider(Structured::Prompt)
        .parse(r#"{"content":[{"type":"text","text":"h"},{"type":"text","text":"i"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"cache_read_input_tokens":null,"output_tokens":7}}"#)
        .unwrap();
    assert_eq!(got.text.unwrap(), "hi");
    assert_eq!(got.usage.unwrap().prompt_tokens, 3);
    let got = provider(Structured::Prompt)
        .parse(r#"{"content":[5,{"type":"text","text":"hi"}],"stop_reason":0,"usage":{"input_tokens":3.0,"output_tokens":null}}"#)
        .unwrap();
    assert_eq!(
        (got.text.unwrap().as_str(), got.usage.unwrap().prompt_tokens),
        ("hi", 3)
    );
}

#[test]
fn what_is_no_answer_is_an_error() {
    for (body, expected) in [
        (
            "<html>",
            "the answer can't be used: not a message: expected value at line 1 column 1",
        ),
        ("{}", "the answer can't be used: the reply is empty"),
        (
            r#"{"content":[{"type":"tool_use","input":{}}],"stop_reason":"max_tokens"}"#,
            "the answer is cut off after max_tokens = 700",
        ),
        (
            r#"{"content":[],"stop_reason":"refusal"}"#,
            "the model refused to judge: it gave no reason",
        ),
        (
            r#"{"content":[{"type":"text","text":"I won't"}],"stop_reason":"refusal"}"#,
            "the model refused to judge: I won't",
        ),
        (
            r#"{"content":[],"stop_reason":"model_context_window_exceeded"}"#,
            "the answer can't be used: the texts fill the model's context window",
        ),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "the provider can't serve now (HTTP 502): Overloaded",
        ),
    ] {
        let error = provider(Structured::Schema).parse(body);
        let error = error.and_then(|made| made.text).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn failures_go_by_their_type() {
    for (status, kind, message, expected) in [
        (401, "authentication_error", "invalid x-api-key", "auth"),
        (403, "permission_error", "no", "auth"),
        (402, "billing_error", "pay", "quota"),
        (
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the API.",
            "quota",
        ),
        (
            400,
            "invalid_request_error",
            "Output blocked by content filtering policy",
            "refused",
        ),
        (
            400,
            "invalid_request_error",
            "max_tokens: too large",
            "rejected",
        ),
        (404, "not_found_error", "model: nope", "rejected"),
        (413, "request_too_large", "too large", "rejected"),
        (429, "rate_limit_error", "slow down", "rate_limited"),
        (529, "overloaded_error", "Overloaded", "overloaded"),
        (500, "api_error", "oops", "overloaded"),
        (504, "timeout_error", "late", "overloaded"),
    ] {
        let body = json!({"type": "error", "error": {"type": kind, "message": message}});
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        let status = StatusCode::from_u16(status).unwrap();
        let error = provider(Structured::Schema).failure(status, &headers, &body.to_string());
        let failure = serde_json::to_value(error.failure()).unwrap();
        assert_eq!(failure, expected, "{kind}: {message}");
        let waits = matches!(expected, "rate_limited" | "overloaded");
        assert_eq!(error.retry().map(|wait| wait.as_secs()), waits.then_some(7));
    }
}
