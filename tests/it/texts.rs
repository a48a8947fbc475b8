//! Texts are kept byte for byte, and spans count as a browser counts.

use serde_json::{Value, json};

use crate::harness::Setup;
use crate::samples;

on_every_database!(texts_come_back_byte_for_byte, spans_slice_the_texts_back);

/// Markup, line ends, combining marks, both writing directions, characters outside the first plane.
const AWKWARD: [&str; 9] = [
    " leading and trailing \t\r\n",
    "<script>alert(\"x\")</script> &amp; 'quotes' \\ backslash % _",
    "e\u{301} is not \u{e9}; \u{fb01} is a ligature",
    "図書館は一九八七年五月に開館した。七階建てである。",
    "\u{202b}افتتحت المكتبة في عام 1987\u{202c} — ספרייה",
    "👩‍👩‍👧‍👦 family, 🇳🇴 flag, 𝒳 letter, 🏛️ with a selector",
    "\u{feff}mark, \u{200b}zero width, \u{a0}hard space, \u{7f} delete, \u{1} control",
    "{\"json\": [1, 2, null]}; drop table users; --",
    "\u{10ffff}\u{e000}\u{2028}\u{2029}",
];

async fn texts_come_back_byte_for_byte(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for text in AWKWARD {
        let body = json!({ "source_text": text, "candidate_output": text, "question": text });
        let id = nora.create(&body).await;
        let evaluation = nora.evaluation(&id).await;
        for member in ["source_text", "candidate_output", "question"] {
            assert_eq!(evaluation[member], text, "{member}");
        }
    }
    server.finish().await;
}

async fn spans_slice_the_texts_back(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let source = format!(
        "🏛️ Note of the editor 𝒳.\r\n\r\n{} 👩‍👩‍👧‍👦 Ende. 図書館は五階建てである。",
        samples::SOURCE
    );
    let candidate = format!(
        "👋🏽 Hello! {} 🇳🇴\n図書館は七階建てである。 It cost 12.4 million crowns 💰.",
        samples::CANDIDATE
    );
    let id = nora
        .create(&json!({ "source_text": source, "candidate_output": candidate }))
        .await;
    let events = nora.audit(&id).await;
    assert_eq!(events.last().unwrap().kind(), "evaluation_complete");

    let (mut claims, mut passages) = (0, 0);
    for event in &events {
        let data = event.data();
        match event.kind() {
            "claim_verdict" => {
                claims += 1;
                let claim = &data["claim"];
                assert_eq!(
                    samples::slice(&candidate, &claim["span"]),
                    claim["text"].as_str().unwrap()
                );
                for evidence in data["evidence"].as_array().unwrap() {
                    assert_eq!(evidence["source"], "source_text", "{evidence}");
                    let text = evidence["text"].as_str().unwrap();
                    assert_eq!(samples::slice(&source, &evidence["span"]), text);
                    passages += 1;
                }
            }
            "judge_result" => {
                for issue in data["flagged_issues"].as_array().unwrap() {
                    if let Some(span) = issue.get("span").filter(|span| !span.is_null()) {
                        samples::slice(&candidate, span);
                    }
                }
            }
            _ => {}
        }
    }
    assert!(
        claims >= 5 && passages >= 3,
        "{claims} claims, {passages} passages"
    );
    let evaluation = nora.evaluation(&id).await;
    assert_eq!(
        evaluation["claims"].as_array().map(Vec::len),
        Some(claims),
        "{evaluation}"
    );
    assert!(
        evaluation["claims"]
            .as_array()
            .unwrap()
            .iter()
            .all(Value::is_object)
    );
    server.finish().await;
}
