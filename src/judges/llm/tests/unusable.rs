//! Replies that can't be used as they are: what is asked again, what is counted, what is hidden.

use std::sync::Arc;

use serde_json::json;

use super::{CONTENT, KEY, ask, completion, good, judge, scored, settings};
use crate::domain::ids::UserId;
use crate::domain::report::Failure;
use crate::judges::Case;
use crate::judges::budget::{Amount, Budgets, Granted, Ledger, Payer};
use crate::judges::llm::tests::scripted::{Act, Server, case};
use crate::judges::llm::{Settings, price};

#[tokio::test]
async fn what_can_not_be_read_at_all_is_asked_for_once_more() {
    let unreadable = [
        completion(""),
        r#"{"id": "x", "choi"#.to_owned(),
        "<html>maintenance</html>".to_owned(),
        r#"{"choices": []}"#.to_owned(),
    ];
    for body in unreadable {
        let broken = || Act::Answer(200, "", body.clone());
        let server = Server::start(vec![broken(), good()]).await;
        let outcome = ask(settings(&server.base_url)).await;
        assert!(outcome.details.clone().unwrap().repaired);
        assert_eq!(
            (outcome.attempts, scored(outcome).score),
            (2, 25.0),
            "{body}"
        );
        let server = Server::start(vec![broken(), broken()]).await;
        let outcome = ask(settings(&server.base_url)).await;
        let failure = outcome.result.unwrap_err().failure();
        assert_eq!(
            (outcome.attempts, failure),
            (2, Failure::Malformed),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_outage_in_the_body_of_a_success_is_an_outage() {
    let broken = |code: u16| {
        let error = json!({ "code": code, "message": "upstream" });
        let body = json!({ "choices": [{ "error": error, "message": { "content": "" } }] });
        Act::Answer(200, "", body.to_string())
    };
    let server = Server::start(vec![broken(502), broken(429), good()]).await;
    let outcome = ask(Settings {
        max_attempts: 3,
        ..settings(&server.base_url)
    })
    .await;
    assert_eq!((outcome.attempts, scored(outcome).score), (3, 25.0));
}

#[tokio::test]
async fn a_long_explanation_of_an_outage_is_an_outage() {
    let long = format!("{{\"error\":\"{}\"}}", "busy ".repeat(1 << 20));
    let server = Server::start(vec![Act::Answer(500, "", long), good()]).await;
    let outcome = ask(settings(&server.base_url)).await;
    assert_eq!((outcome.attempts, scored(outcome).score), (2, 25.0));
}

#[tokio::test]
async fn what_nobody_counted_is_estimated_and_said_to_be() {
    for usage in [
        json!(null),
        json!({}),
        json!({ "prompt_tokens": 0, "completion_tokens": 0 }),
    ] {
        let body = json!({
            "choices": [{ "message": { "content": CONTENT }, "finish_reason": "stop" }],
            "usage": usage,
        });
        let server = Server::start(vec![Act::Answer(200, "", body.to_string())]).await;
        let outcome = ask(settings(&server.base_url)).await;
        let used = outcome.usage.unwrap();
        assert!(outcome.details.unwrap().usage_estimated);
        let written = price::estimate(CONTENT);
        assert_eq!(used.completion_tokens, written);
        assert!(used.prompt_tokens > written, "{used:?}");
    }
    let server = Server::start(vec![good()]).await;
    assert!(
        !ask(settings(&server.base_url))
            .await
            .details
            .unwrap()
            .usage_estimated
    );
}

#[tokio::test]
async fn a_key_that_comes_back_is_never_shown_however_it_is_spelled() {
    let spelled: String = KEY
        .chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect();
    assert_ne!(spelled, KEY);
    let error = format!(r#"{{"error":{{"message":"no such key: {spelled}"}}}}"#);
    let server = Server::start(vec![Act::Answer(401, "", error)]).await;
    let text = ask(settings(&server.base_url))
        .await
        .result
        .unwrap_err()
        .to_string();
    assert!(text.contains("[redacted]") && !text.contains(KEY), "{text}");

    // Within the model's own JSON, which is a string in the provider's.
    let content = CONTENT.replacen(
        "\"explanation\":\"",
        &format!("\"explanation\":\"{spelled} "),
        1,
    );
    assert_ne!(content, CONTENT);
    let server = Server::start(vec![Act::Answer(200, "", completion(&content))]).await;
    let got = scored(ask(settings(&server.base_url)).await);
    assert!(got.reasoning.starts_with("[redacted]"), "{}", got.reasoning);
}

#[tokio::test]
async fn a_call_that_the_budget_refuses_is_no_attempt() {
    let server = Server::start(vec![]).await;
    let none = Amount::default();
    let run = Amount { tokens: 10, ..none };
    let budgets = Budgets {
        run,
        ..Budgets::default()
    };
    let run_budget = Ledger::new(budgets).run_budget(&Payer {
        user: UserId::new(uuid::Uuid::nil()),
        is_new: false,
        day: "d",
        of_run: none,
        of_user_day: none,
        of_day: none,
        key: None,
        granted: Granted::default(),
    });
    let case = Case {
        run_budget,
        ..case("A mill stands there.", "A mill stands there.")
    };
    let outcome = judge(settings(&server.base_url))
        .assess(Arc::new(case))
        .await;
    assert_eq!(outcome.attempts, 0);
    assert_eq!(outcome.result.unwrap_err().failure(), Failure::Budget);
}
