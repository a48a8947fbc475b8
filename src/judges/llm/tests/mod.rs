//! The whole judge against a scripted server.

mod attacks;
mod network;
pub(crate) mod scripted;
mod unusable;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::client::client_builder;
use super::providers::{Anthropic, Gemini, Ollama, OpenAi, Provider};
use super::{Settings, openai};
use crate::domain::report::{JudgeStatus, Usage};
use crate::domain::verdict::Label;
use crate::judges::llm::call::Backoff;
use crate::judges::llm::call::LlmJudge;
use crate::judges::llm::tests::scripted::{Act, Seen, Server, case};
use crate::judges::{Answer, Assessment, Judge, JudgeError, Outcome};

pub(crate) const KEY: &str = "sk-very-secret-0123456789";
pub(crate) const CONTENT: &str = r#"{"explanation":"Sentence 1 says 1812.","claims":[{"index":0,"sentences":[1],"quote":"built in 1812","label":"REFUTED","confidence":"high"}],"issues":[],"rating":2,"confidence":"high"}"#;

pub(crate) fn settings(base_url: &str) -> Settings {
    Settings {
        api_key: Some(SecretString::from(KEY)),
        timeout: Duration::from_secs(10),
        max_concurrency: 4,
        weight: 1.5,
        max_tokens: 900,
        ..Settings::new("clerk", base_url, "some-model")
    }
}

pub(crate) fn judge(settings: Settings) -> Arc<dyn Judge> {
    let provider = Box::new(OpenAi::new(&settings));
    judge_on(provider, settings)
}

fn judge_on(provider: Box<dyn Provider>, settings: Settings) -> Arc<dyn Judge> {
    let quick = Backoff {
        shortest: Duration::from_millis(2),
        longest: Duration::from_millis(8),
    };
    // The machine's proxy settings are none of a test's business.
    let client = client_builder(&[]).unwrap().no_proxy().build().unwrap();
    Arc::new(LlmJudge::new(settings, provider, client, quick))
}

pub(crate) async fn ask(settings: Settings) -> Outcome {
    let case = case("The mill was built in 1812.", "The mill was built in 1821.");
    judge(settings).assess(Arc::new(case)).await
}

pub(crate) fn completion(content: &str) -> String {
    json!({
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 412, "completion_tokens": 37}
    })
    .to_string()
}

pub(crate) fn good() -> Act {
    Act::Answer(200, "", completion(CONTENT))
}

pub(crate) fn scored(outcome: Outcome) -> Assessment {
    match outcome.result {
        Ok(Answer::Scored(assessment)) => assessment,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_score_with_its_usage() {
    let mut server = Server::start(vec![good()]).await;
    let outcome = ask(settings(&server.base_url)).await;
    assert_eq!(outcome.attempts, 1);
    let used = outcome.usage;
    let got = scored(outcome);
    assert_eq!((got.score, got.confidence), (25.0, 0.9));
    assert_eq!(got.claim_labels[0].label, Label::Refuted);
    let usage = Usage {
        prompt_tokens: 412,
        completion_tokens: 37,
        cost_usd: None,
    };
    assert_eq!(used, Some(usage));
    let Seen::Asked(head, body, _) = server.next().await else {
        panic!("nothing was asked")
    };
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1"));
    assert!(head.contains(&format!("Bearer {KEY}")));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
}

#[tokio::test]
async fn a_fenced_reply_is_a_score_too() {
    let fenced = completion(&format!("Sure!\n```json\n{CONTENT}\n```"));
    let server = Server::start(vec![Act::Answer(200, "", fenced)]).await;
    assert_eq!(scored(ask(settings(&server.base_url)).await).score, 25.0);
}

#[tokio::test]
async fn failures_for_good_are_asked_once() {
    let refusal = json!({"choices": [{"message": {"content": null, "refusal": "I won't"}}]});
    let redirect = "Location: http://127.0.0.1:1/\r\n";
    let table = [
        (
            Act::Answer(200, "", refusal.to_string()),
            "the model refused to judge: I won't",
        ),
        (
            Act::Answer(401, "", r#"{"error":{"message":"bad key"}}"#.into()),
            "the provider does not accept the key (HTTP 401): bad key",
        ),
        (
            Act::Answer(302, redirect, String::new()),
            "the provider refused the call (HTTP 302): it redirects elsewhere, which is not followed",
        ),
        (
            Act::Flood,
            "the answer can't be used: the reply is larger than 4 MiB",
        ),
    ];
    for (act, expected) in table {
        let mut server = Server::start(vec![act]).await;
        let outcome = ask(settings(&server.base_url)).await;
        let error = outcome.result.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!((outcome.attempts, error.status()), (1, JudgeStatus::Failed));
        assert!(matches!(server.next().await, Seen::Asked(..)));
    }
}

#[tokio::test]
async fn a_reply_that_can_not_be_used_is_repaired_once() {
    let chat = || Act::Answer(200, "", completion("Looks good to me."));
    let mut server = Server::start(vec![chat(), good()]).await;
    let outcome = ask(settings(&server.base_url)).await;
    let details = outcome.details.clone().unwrap();
    assert!(details.repaired);
    assert_eq!(outcome.usage.unwrap().prompt_tokens, 2 * 412);
    assert_eq!((outcome.attempts, scored(outcome).score), (2, 25.0));
    server.next().await;
    let Seen::Asked(_, body, _) = server.next().await else {
        panic!("a second request was made")
    };
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["messages"][2]["content"], "Looks good to me.");
    let complaint = body["messages"][3]["content"].as_str().unwrap();
    assert!(complaint.contains("no JSON object"), "{complaint}");

    let server = Server::start(vec![chat(), chat()]).await;
    let outcome = ask(settings(&server.base_url)).await;
    assert_eq!(outcome.attempts, 2);
    assert_eq!(
        outcome.result.unwrap_err().to_string(),
        "the answer can't be used: no JSON object with a rating in \"Looks good to me.\""
    );
}

#[tokio::test]
async fn repeats_show_their_spread() {
    let other = completion(&CONTENT.replace("\"rating\":2", "\"rating\":4"));
    let server = Server::start(vec![good(), Act::Answer(200, "", other)]).await;
    let outcome = ask(Settings {
        repeats: 2,
        ..settings(&server.base_url)
    })
    .await;
    let repeats = outcome.details.clone().unwrap().repeats.unwrap();
    assert!((repeats.standard_deviation.unwrap() - 1250f64.sqrt()).abs() < 1e-9);
    assert_eq!((outcome.attempts, scored(outcome).score), (2, 50.0));
}

#[tokio::test]
async fn a_limit_is_waited_out_as_long_as_the_provider_says() {
    let limited = Act::Answer(429, "Retry-After: 1\r\n", "{}".into());
    let mut server = Server::start(vec![limited, good()]).await;
    let outcome = ask(settings(&server.base_url)).await;
    assert_eq!(outcome.attempts, 2);
    assert_eq!(scored(outcome).score, 25.0);
    let (Seen::Asked(.., first), Seen::Asked(.., second)) =
        (server.next().await, server.next().await)
    else {
        panic!("two requests were made")
    };
    assert!(second - first >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_limit_beyond_the_budget_is_not_waited_out() {
    let limited = Act::Answer(429, "Retry-After: 86400\r\n", "{}".into());
    let server = Server::start(vec![limited]).await;
    let outcome = ask(settings(&server.base_url)).await;
    assert_eq!(outcome.attempts, 1);
    assert_eq!(
        outcome.result.unwrap_err().status(),
        JudgeStatus::RateLimited
    );
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_unavailable() {
    let broken = || Act::Answer(500, "", "out of memory".into());
    let mut server = Server::start(vec![broken(), broken(), broken()]).await;
    let outcome = ask(settings(&server.base_url)).await;
    let error = outcome.result.unwrap_err();
    assert_eq!(
        (outcome.attempts, error.status()),
        (3, JudgeStatus::Unavailable)
    );
    assert_eq!(
        error.to_string(),
        "the provider can't serve now (HTTP 500): out of memory"
    );
    assert_eq!(server.unseen(), 3);
}

#[tokio::test]
async fn a_server_that_hangs_times_out_and_is_hung_up_on() {
    let mut server = Server::start(vec![Act::Hang]).await;
    let outcome = ask(Settings {
        timeout: Duration::from_millis(150),
        max_attempts: 1,
        ..settings(&server.base_url)
    })
    .await;
    let error = outcome.result.unwrap_err();
    assert_eq!(error.to_string(), "no answer within 150 ms");
    assert_eq!(
        (outcome.attempts, error.status()),
        (1, JudgeStatus::Timeout)
    );
    assert!(matches!(server.next().await, Seen::Asked(..)));
    assert!(matches!(server.next().await, Seen::Closed));
}

#[tokio::test]
async fn nobody_at_the_address_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let outcome = ask(settings(&format!("http://{address}/v1"))).await;
    let error = outcome.result.unwrap_err();
    assert_eq!(
        (outcome.attempts, error.status()),
        (3, JudgeStatus::Unavailable)
    );
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(!error.to_string().contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn permits_bound_the_requests_at_once() {
    const RUNS: usize = 6;
    let script = (0..RUNS).map(|_| Act::Gated(completion(CONTENT))).collect();
    let mut server = Server::start(script).await;
    let judge = judge(Settings {
        max_concurrency: 2,
        ..settings(&server.base_url)
    });
    let case = Arc::new(case("The mill stands.", "The mill stands."));
    let runs: Vec<_> = (0..RUNS)
        .map(|_| tokio::spawn(judge.assess(Arc::clone(&case))))
        .collect();
    for asked in 1..=RUNS {
        assert!(matches!(server.next().await, Seen::Asked(..)));
        // Two are held all the time, so that a third would show.
        if asked >= 2 {
            server.gate.add_permits(1);
        }
    }
    server.gate.add_permits(1);
    for run in runs {
        assert_eq!(scored(run.await.unwrap()).score, 25.0);
    }
    assert_eq!(server.most_at_once(), 2);
}

#[tokio::test]
async fn dropping_the_future_hangs_up() {
    let mut server = Server::start(vec![Act::Hang]).await;
    let judge = judge(settings(&server.base_url));
    let mut assessing = judge.assess(Arc::new(case("The mill stands.", "It stands.")));
    tokio::select! {
        _ = &mut assessing => panic!("the server never answers"),
        seen = server.next() => assert!(matches!(seen, Seen::Asked(..))),
    }
    drop(assessing);
    assert!(matches!(server.next().await, Seen::Closed));
}

#[tokio::test]
async fn the_key_is_never_shown() {
    let settings = settings("http://127.0.0.1:1/v1");
    assert!(!format!("{settings:?}").contains(KEY));
    let echoing = [
        Act::Answer(
            401,
            "",
            json!({"error": {"message": format!("no such key: {KEY}")}}).to_string(),
        ),
        Act::Answer(400, "", format!("{} Bearer {KEY}", "x".repeat(285))),
        Act::Answer(200, "", completion(&format!("Bearer {KEY}"))),
        Act::Answer(200, "", completion(&CONTENT.replace("1812", KEY))),
        Act::Answer(200, "", format!("{{\"{KEY}")),
    ];
    for act in echoing {
        let server = Server::start(vec![act]).await;
        let outcome = ask(Settings {
            base_url: server.base_url.clone(),
            ..settings.clone()
        })
        .await;
        let shown = format!("{outcome:?}");
        assert!(
            !shown.contains(KEY) && !shown.contains(&KEY[..12]),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn no_provider_shows_the_key_that_a_server_echoes() {
    type Make = fn(&Settings) -> Box<dyn Provider>;
    let makers: [Make; 4] = [
        |settings| Box::new(OpenAi::new(settings)),
        |settings| Box::new(Anthropic::new(settings)),
        |settings| Box::new(Gemini::new(settings)),
        |settings| Box::new(Ollama::new(settings)),
    ];
    for make in makers {
        for status in [200, 400, 401, 403, 404, 429, 500] {
            for body in [
                format!("no such key: {KEY}"),
                json!({"error": {"type": KEY, "code": KEY, "message": KEY}}).to_string(),
                json!({"error": KEY}).to_string(),
                json!({"promptFeedback": {"blockReason": KEY}}).to_string(),
                json!({"content": [{"type": "text", "text": KEY}], "stop_reason": "refusal"})
                    .to_string(),
            ] {
                let server = Server::start(vec![Act::Answer(status, "", body)]).await;
                let settings = Settings {
                    max_attempts: 1,
                    ..settings(&server.base_url)
                };
                let judge = judge_on(make(&settings), settings);
                let case = case("The mill stands.", "It stands.");
                let outcome = judge.assess(Arc::new(case)).await;
                let error = outcome.result.clone().unwrap_err();
                for shown in [format!("{outcome:?}"), error.to_string()] {
                    let whole = shown.contains(KEY) || shown.contains(&KEY[..12]);
                    assert!(!whole, "{shown}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_connection_cut_within_the_body_is_the_transports() {
    let server = Server::start(vec![Act::Cut, Act::Cut, Act::Cut]).await;
    let outcome = ask(settings(&server.base_url)).await;
    let error = outcome.result.unwrap_err();
    assert!(matches!(error, JudgeError::Transport(_)), "{error:?}");
    assert_eq!(outcome.attempts, 3);
}

#[tokio::test]
async fn an_answer_that_trickles_is_cut_off() {
    let mut server = Server::start(vec![Act::Trickle]).await;
    let outcome = ask(Settings {
        timeout: Duration::from_millis(300),
        max_attempts: 1,
        ..settings(&server.base_url)
    })
    .await;
    let error = outcome.result.unwrap_err();
    assert_eq!(error.to_string(), "no answer within 300 ms");
    assert!(matches!(server.next().await, Seen::Asked(..)));
    assert!(matches!(server.next().await, Seen::Closed));
}

#[tokio::test]
async fn a_key_that_no_header_can_hold_is_our_fault() {
    let outcome = ask(Settings {
        api_key: Some(SecretString::from(format!("{KEY}\n"))),
        ..settings("http://127.0.0.1:1/v1")
    })
    .await;
    let error = outcome.result.unwrap_err();
    assert!(matches!(error, JudgeError::Internal(_)), "{error}");
    assert!(!error.to_string().contains(KEY), "{error}");
    assert_eq!(outcome.attempts, 1);
}

#[test]
fn the_profile_says_who_it_is() {
    let judge = openai(
        settings("http://127.0.0.1:1/v1"),
        super::client(&[]).unwrap(),
    );
    let profile = judge.profile();
    assert_eq!(
        (profile.name.as_str(), profile.kind.as_str()),
        ("clerk", "openai")
    );
    assert_eq!(
        (profile.model.as_str(), profile.offline),
        ("some-model", false)
    );
    assert_eq!(profile.weight, 1.5);
}
