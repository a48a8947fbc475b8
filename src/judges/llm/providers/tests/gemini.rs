//! Requests and replies in Gemini's format.

use serde_json::json;

use super::*;
use crate::judges::llm::client;
use crate::judges::llm::prompt::Repair;

fn provider(structured: Structured) -> Gemini {
    Gemini::new(&Settings {
        max_tokens: 700,
        structured,
        api_key: Some("the-key".into()),
        ..Settings::new("j", "http://127.0.0.1:1", "some-model")
    })
}

fn sent(provider: &Gemini, repair: Option<Repair>) -> (reqwest::Request, String) {
    let prompt = Prompt {
        system: "rules".into(),
        version: "test".into(),
        claims: 0,
        user: "texts".into(),
        schema: RawValue::from_string(
            r#"{"type":"object","properties":{"z":{"type":"string"},"a":{"type":"integer","enum":[1,2]}},"additionalProperties":false}"#.into(),
        )
        .unwrap()
        .into(),
        repair,
    };
    let client = client(&[]).unwrap();
    let request = provider.request(&client, &prompt).build().unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap();
    let body = String::from_utf8(body.to_owned()).unwrap();
    (request, body)
}

#[test]
fn the_request_has_the_key_in_a_header() {
    let (request, body) = sent(&provider(Structured::Schema), None);
    assert_eq!(
        request.url().as_str(),
        "http://127.0.0.1:1/v1beta/models/some-model:generateContent"
    );
    assert_eq!(request.headers()["x-goog-api-key"], "the-key");
    let expected = concat!(
        r#"{"systemInstruction":{"parts":[{"text":"rules"}]},"#,
        r#""contents":[{"role":"user","parts":[{"text":"texts"}]}],"#,
        r#""generationConfig":{"temperature":0.0,"maxOutputTokens":700,"#,
        r#""responseMimeType":"application/json","responseSchema":{"type":"OBJECT","#,
        r#""properties":{"z":{"type":"STRING"},"a":{"type":"INTEGER","minimum":1,"maximum":2}},"#,
        r#""propertyOrdering":["z","a"]}}}"#
    );
    assert_eq!(body, expected);
}

#[test]
fn structure_may_be_left_to_the_prompt() {
    let repair = Repair {
        reply: "hm".into(),
        complaint: "again".into(),
    };
    let (_, body) = sent(&provider(Structured::Json), Some(repair));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["generationConfig"].get("responseSchema"), None);
    assert_eq!(
        body["generationConfig"]["responseMimeType"],
        "application/json"
    );
    assert_eq!(body["contents"][1]["role"], "model");
    assert_eq!(body["contents"][2]["parts"][0]["text"], "again");
    let (_, body) = sent(&provider(Structured::Prompt), None);
    assert!(!body.contains("response"), "{body}");
}

#[test]
fn thoughts_are_paid_for_but_not_read() {
    let got = provider(Structured::Schema)
        .parse(r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"h"},{"text":"i"}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"thoughtsTokenCount":40,"totalTokenCount":44}}"#)
        .unwrap();
    assert_eq!(got.text.unwrap(), "hi");
    let usage = got.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (3, 41));
}

#[test]
fn what_is_no_answer_is_an_error() {
    let mut table = vec![
        (
            "<html>".to_owned(),
            "the answer can't be used: not generated content: expected value at line 1 column 1"
                .to_owned(),
        ),
        (
            "{}".to_owned(),
            "the answer can't be used: the reply holds no candidate".to_owned(),
        ),
        (
            r#"{"candidates":[{"finishReason":"STOP"}]}"#.to_owned(),
            "the answer can't be used: the reply is empty".to_owned(),
        ),
        (
            r#"{"candidates":[{"content":{"parts":[{"text":"{"}]},"finishReason":"MAX_TOKENS"}]}"#
                .to_owned(),
            "the answer is cut off after max_tokens = 700".to_owned(),
        ),
        (
            r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}"#.to_owned(),
            "the model refused to judge: the provider blocked the texts (PROHIBITED_CONTENT)"
                .to_owned(),
        ),
    ];
    for reason in [
        "SAFETY",
        "RECITATION",
        "PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
    ] {
        table.push((
            format!(r#"{{"candidates":[{{"finishReason":"{reason}"}}]}}"#),
            format!("the model refused to judge: the provider stopped the reply ({reason})"),
        ));
    }
    for (body, expected) in table {
        let error = provider(Structured::Schema).parse(&body);
        let error = error.and_then(|made| made.text).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

fn failed(status: u16, details: &Value) -> JudgeError {
    let body = json!({"error": {"code": status, "message": "why", "details": details}});
    let status = StatusCode::from_u16(status).unwrap();
    provider(Structured::Schema).failure(status, &HeaderMap::new(), &body.to_string())
}

#[test]
fn failures_go_by_their_details() {
    let quota = |id: &str| {
        json!([
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id}]},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36.5s"},
        ])
    };
    let error = failed(429, &quota("GenerateRequestsPerMinutePerProjectPerModel"));
    assert!(matches!(error, JudgeError::RateLimited { .. }), "{error:?}");
    assert_eq!(error.retry(), Some(Duration::from_millis(36_500)));
    let error = failed(
        429,
        &quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
    );
    assert!(matches!(error, JudgeError::Quota(_)), "{error:?}");
    let error = failed(503, &quota("x"));
    assert_eq!(error.retry(), Some(Duration::from_millis(36_500)));
    let key =
        json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]);
    let error = failed(400, &key);
    assert!(
        matches!(error, JudgeError::Auth { status: 400, .. }),
        "{error:?}"
    );
    let error = failed(400, &Value::Null);
    assert!(matches!(error, JudgeError::Rejected { .. }), "{error:?}");
    let error = failed(403, &Value::Null);
    assert!(matches!(error, JudgeError::Auth { .. }), "{error:?}");
    for nonsense in ["soon", "-3s", "NaNs", "1e300s", "infs"] {
        assert_eq!(duration(nonsense), None, "{nonsense}");
    }
}
