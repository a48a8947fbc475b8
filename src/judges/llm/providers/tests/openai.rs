//! Requests and replies in OpenAI's format.

use super::*;
use crate::judges::llm::client;

fn provider() -> OpenAi {
    OpenAi::new(&Settings {
        max_tokens: 700,
        ..Settings::new("j", "http://127.0.0.1:1/v1/", "some-model")
    })
}

#[test]
fn the_request_is_what_servers_expect() {
    let prompt = Prompt {
        system: "rules".into(),
        version: "builtin".into(),
        claims: 0,
        user: "texts".into(),
        schema: RawValue::from_string(r#"{"z":1,"a":2}"#.into())
            .unwrap()
            .into(),
        repair: None,
    };
    let client = client(&[]).unwrap();
    let request = provider().request(&client, &prompt).build().unwrap();
    assert_eq!(
        request.url().as_str(),
        "http://127.0.0.1:1/v1/chat/completions"
    );
    assert!(!request.headers().contains_key("authorization"));
    let body = request.body().and_then(|body| body.as_bytes()).unwrap();
    let expected = concat!(
        r#"{"model":"some-model","messages":[{"role":"system","content":"rules"},"#,
        r#"{"role":"user","content":"texts"}],"temperature":0.0,"max_tokens":700,"#,
        r#""response_format":{"type":"json_schema","json_schema":{"name":"assessment","#,
        r#""strict":true,"schema":{"z":1,"a":2}}}}"#
    );
    assert_eq!(std::str::from_utf8(body).unwrap(), expected);
}

#[test]
fn azure_gets_a_schema_without_bounds_of_lists() {
    let prompt = Prompt {
        system: "rules".into(),
        version: "test".into(),
        claims: 0,
        user: "texts".into(),
        schema: crate::judges::llm::prompt::schema::schema(3, 9).into(),
        repair: None,
    };
    let bounds = |base_url: &str, header: Option<&str>| {
        let provider = OpenAi::new(&Settings {
            api_key_header: header.map(str::to_owned),
            ..Settings::new("j", base_url, "some-model")
        });
        let request = provider.request(&client(&[]).unwrap(), &prompt);
        let request = request.build().unwrap();
        let body = request.body().and_then(|body| body.as_bytes()).unwrap();
        std::str::from_utf8(body).unwrap().contains("maxItems")
    };
    let azure = "https://my-resource.openai.azure.com/openai/v1";
    assert!(!bounds(azure, Some("api-key")));
    assert!(!bounds(azure, None), "with a token of its directory");
    assert!(!bounds("https://gateway.example/azure", Some("Api-Key")));
    assert!(bounds("https://api.openai.com/v1", None));
    assert!(bounds("http://127.0.0.1:8000/v1", Some("x-key")));
}

#[test]
fn what_servers_want_otherwise_is_a_setting() {
    let prompt = Prompt {
        system: "rules".into(),
        version: "test".into(),
        claims: 0,
        user: "texts".into(),
        schema: RawValue::from_string("{}".into()).unwrap().into(),
        repair: None,
    };
    let client = client(&[]).unwrap();
    let sent = |structured, temperature| {
        let provider = OpenAi {
            max_completion_tokens: true,
            structured,
            temperature,
            ..provider()
        };
        let request = provider.request(&client, &prompt).build().unwrap();
        let body = request.body().and_then(|body| body.as_bytes()).unwrap();
        serde_json::from_slice::<Value>(body).unwrap()
    };
    let body = sent(Structured::Json, None);
    assert_eq!(body["response_format"], json!({"type": "json_object"}));
    assert_eq!(body["max_completion_tokens"], 700);
    assert_eq!(body.get("max_tokens"), None);
    assert_eq!(body.get("temperature"), None);
    let body = sent(Structured::Prompt, Some(0.7));
    assert_eq!(body.get("response_format"), None);
    assert_eq!(body["temperature"], 0.7);
}

#[test]
fn failures_go_by_their_codes() {
    let table = [
        (429, json!({"code": "insufficient_quota"}), "quota"),
        (429, json!({"type": "insufficient_quota"}), "quota"),
        (
            429,
            json!({"message": "no insufficient_quota"}),
            "rate_limited",
        ),
        (402, json!({"code": 402}), "quota"),
        (
            400,
            json!({"code": "content_filter", "innererror": {"code": "x"}}),
            "refused",
        ),
        (
            400,
            json!({"code": null, "innererror": {"code": "ResponsibleAIPolicyViolation"}}),
            "refused",
        ),
        (
            403,
            json!({"code": 403, "metadata": {"reasons": ["x"], "flagged_input": "y"}}),
            "refused",
        ),
        (403, json!({"code": 403}), "auth"),
        (400, json!({"code": "json_validate_failed"}), "malformed"),
        (498, json!({"code": "capacity_exceeded"}), "rejected"),
        (
            502,
            json!({"code": 502, "metadata": {"provider_name": "x"}}),
            "overloaded",
        ),
    ];
    for (status, error, expected) in table {
        let body = json!({ "error": error }).to_string();
        let status = StatusCode::from_u16(status).unwrap();
        let error = provider().failure(status, &HeaderMap::new(), &body);
        let failure = serde_json::to_value(error.failure()).unwrap();
        assert_eq!(failure, expected, "{body}");
    }
    let body = r#"{"choices":[{"error":{"code":429,"message":"slow"},"finish_reason":"error"}]}"#;
    let error = provider().parse(body).unwrap().text.unwrap_err();
    assert!(
        matches!(error, JudgeError::RateLimited { status: 429, .. }),
        "{error:?}"
    );
}

#[test]
fn replies_are_read_in_every_shape_that_servers_send() {
    let table = [
        (
            r#"{"choices":[{"message":{"content":"hi","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#,
            Some(Usage {
                prompt_tokens: 3,
                completion_tokens: 1,
                cost_usd: None,
            }),
        ),
        (
            r#"{"choices":[{"message":{"content":"hi"}}],"error":null}"#,
            None,
        ),
        (
            r#"{"choices":[{"message":{"content":"hi","refusal":false},"finish_reason":0}],"usage":{"prompt_tokens":3.0,"completion_tokens":"1"}}"#,
            Some(Usage {
                prompt_tokens: 3,
                completion_tokens: 1,
                cost_usd: None,
            }),
        ),
        (
            r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"},7],"usage":"none"}"#,
            None,
        ),
        (
            r#"{"choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":3,"completion_tokens":-35}}"#,
            Some(Usage {
                prompt_tokens: 3,
                completion_tokens: 0,
                cost_usd: None,
            }),
        ),
        (
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]}}]}"#,
            None,
        ),
    ];
    for (body, usage) in table {
        let got = provider().parse(body).unwrap();
        assert_eq!(
            (got.text.unwrap().as_str(), got.usage),
            ("hi", usage),
            "{body}"
        );
    }
}

#[test]
fn what_is_no_answer_is_an_error() {
    let table = [
        (
            "<html>",
            "the answer can't be used: not a chat completion: expected value at line 1 column 1",
        ),
        ("{}", "the answer can't be used: the reply holds no choice"),
        (
            r#"{"choices":[{"message":{"content":null}}]}"#,
            "the answer can't be used: the reply is empty",
        ),
        (
            r#"{"choices":[{"message":{"content":"{","refusal":null},"finish_reason":"length"}]}"#,
            "the answer is cut off after max_tokens = 700",
        ),
        (
            r#"{"choices":[{"message":{"content":null,"refusal":"I can't help"}}]}"#,
            "the model refused to judge: I can't help",
        ),
        (
            r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
            "the model refused to judge: the provider's content filter stopped the reply",
        ),
        (
            r#"{"error":{"code":429,"message":"slow down"}}"#,
            "the provider is limiting requests (HTTP 429)",
        ),
        (
            r#"{"error":{"code":404,"message":"no such model"}}"#,
            "the provider refused the call (HTTP 404): no such model",
        ),
        (
            r#"{"error":"boom"}"#,
            "the provider can't serve now (HTTP 502): boom",
        ),
    ];
    for (body, expected) in table {
        let error = provider().parse(body).and_then(|made| made.text);
        assert_eq!(error.unwrap_err().to_string(), expected);
    }
}
