use super::*;
use crate::judges::llm::prompt::Repair;

fn provider(structured: Structured) -> Ollama {
    Ollama::new(&Settings {
        max_tokens: 700,
        structured,
        ..Settings::new("j", "http://127.0.0.1:1/", "some-model")
    })
}

fn sent(provider: &Ollama, user: &str, repair: Option<Repair>) -> (reqwest::Request, String) {
    let prompt = Prompt {
        system: "rules".into(),
        version: "test".into(),
        user: user.into(),
        claims: 0,
        schema: RawValue::from_string(r#"{"z":1,"a":2}"#.into())
            .unwrap()
            .into(),
        repair,
    };
    let client = crate::judges::llm::client(&[]).unwrap();
    let request = provider.request(&client, &prompt).build().unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap();
    let body = String::from_utf8(body.to_owned()).unwrap();
    (request, body)
}

#[test]
fn the_request_asks_for_one_reply_of_the_shape() {
    let (request, body) = sent(&provider(Structured::Schema), "texts", None);
    assert_eq!(request.url().as_str(), "http://127.0.0.1:1/api/chat");
    assert!(!request.headers().contains_key("authorization"));
    let expected = concat!(
        r#"{"model":"some-model","messages":[{"role":"system","content":"rules"},"#,
        r#"{"role":"user","content":"texts"}],"stream":false,"truncate":false,"shift":false,"#,
        r#""format":{"z":1,"a":2},"#,
        r#""options":{"temperature":0.0,"num_predict":700,"num_ctx":4096}}"#
    );
    assert_eq!(body, expected);
}

#[test]
fn the_context_grows_with_the_texts() {
    let num_ctx = |bytes: usize| {
        let (_, body) = sent(&provider(Structured::Json), &"x".repeat(bytes), None);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["format"], "json");
        body["options"]["num_ctx"].as_u64().unwrap()
    };
    assert_eq!(num_ctx(6000), 4096);
    assert_eq!(num_ctx(8000), 8192);
    assert_eq!(num_ctx(100_000), 65_536);
    let repair = Repair {
        reply: "r".repeat(8000),
        complaint: "again".into(),
    };
    let (_, body) = sent(&provider(Structured::Prompt), "texts", Some(repair));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["options"]["num_ctx"], 8192);
    assert_eq!(body["messages"][3]["content"], "again");
    assert_eq!(body.get("format"), None);
}

#[test]
fn replies_are_read() {
    let got = provider(Structured::Schema)
        .parse(r#"{"model":"m","message":{"role":"assistant","content":"hi","thinking":"hm"},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1}"#)
        .unwrap();
    assert_eq!(got.text.unwrap(), "hi");
    let usage = got.usage.unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (3, 1));
}

#[test]
fn what_is_no_answer_is_an_error() {
    for (body, expected) in [
        (
            "<html>",
            "the answer can't be used: not a chat reply: expected value at line 1 column 1",
        ),
        ("{}", "the answer can't be used: the reply holds no message"),
        (
            r#"{"message":{"content":""},"done":true}"#,
            "the answer can't be used: the reply is empty",
        ),
        (
            r#"{"message":{"content":"hi"},"done":false}"#,
            "the answer can't be used: the reply is not finished",
        ),
        (
            r#"{"message":{"content":"{"},"done":true,"done_reason":"length"}"#,
            "the answer is cut off after max_tokens = 700",
        ),
        (
            r#"{"error":"llama runner process has terminated"}"#,
            "the provider can't serve now (HTTP 502): llama runner process has terminated",
        ),
    ] {
        let error = provider(Structured::Schema).parse(body);
        let error = error.and_then(|made| made.text).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let error = provider(Structured::Schema).failure(
        StatusCode::NOT_FOUND,
        &HeaderMap::new(),
        r#"{"error":"model 'x' not found"}"#,
    );
    assert_eq!(
        error.to_string(),
        "the provider refused the call (HTTP 404): model 'x' not found"
    );
}
