use std::fmt::Write as _;
use std::time::Duration;

use actix_web::body::MessageBody as _;
use serde_json::{Value, json};

use super::*;
use crate::protocol::error::FieldError;

/// A response as a client sees it: status, headers, body.
fn shown(refusal: &Refusal) -> String {
    let response = response(refusal, "the-request");
    let mut text = format!("{}\n", response.status());
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    for header in headers {
        let _ = writeln!(text, "{header}");
    }
    let Ok(body) = response.into_body().try_into_bytes() else {
        panic!("the body of a problem is whole")
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    let _ = writeln!(text, "{body:#}");
    text
}

#[test]
fn every_code_as_a_problem() {
    let codes = ErrorCode::ALL.map(|code| Refusal::new(code, "what happened"));
    let finer = Finer::ALL.map(|finer| Refusal::finer(finer, "what happened"));
    let all: Vec<_> = codes.iter().chain(&finer).map(shown).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_a_problem_can_say_beside_its_code() {
    let all = [
        Refusal::invalid(vec![FieldError::new("/limit", "must be 1 to 100")]),
        Refusal::invalid(vec![
            FieldError::new("/limit", "must be 1 to 100"),
            FieldError::new("", "holds no JSON"),
        ]),
        Refusal::new(ErrorCode::EvaluationInProgress, "the evaluation is running")
            .with_details(json!({ "run_id": "the-run" })),
        Refusal::finer(Finer::MethodNotAllowed, "not so")
            .with_details(json!({ "allow": "GET, POST" })),
        Refusal::new(ErrorCode::RateLimited, "too many").after(Duration::from_millis(2001)),
        foreign(StatusCode::IM_A_TEAPOT),
        foreign(StatusCode::NOT_IMPLEMENTED),
        foreign(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ];
    let all: Vec<_> = all.iter().map(shown).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_person_gets_a_page_that_leads_on() {
    let refusal = Refusal::not_found();
    let page = page(&refusal, "the-request");
    assert_eq!(page.status(), 404);
    let header = |name: &str| page.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("cache-control"), "no-store");
    let Ok(body) = page.into_body().try_into_bytes() else {
        panic!("the body of a page is whole")
    };
    let body = String::from_utf8(body.to_vec()).unwrap();
    for part in [
        "<h1>There is no such page</h1>",
        "href=\"/\"",
        "the-request",
    ] {
        assert!(body.contains(part), "{body}");
    }
}
