//! A judge on a real server with a real model. The model is tiny and knows nothing: what is tested is
//! the plumbing, not what it says. `AUDITOR_TEST_LLM` is the address of an OpenAI-compatible server and
//! `AUDITOR_TEST_LLM_KEY` its key; `tests/run` starts one. One test, since the model answers one call
//! at a time.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{GLANCE, Person, Setup, required, run};

/// More than it takes to write its longest answer.
const PATIENCE: Duration = Duration::from_secs(600);

/// It is slow, and shares the machine.
const PATIENT: &str = "timeout_ms = 300000\nmax_attempts = 2\n";

const VARIABLE: &str = "REAL_MODEL_KEY";

fn configured(name: &str, url: &str, variable: &str, lines: &str) -> String {
    format!(
        "[[judges]]\nname = \"{name}\"\nkind = \"openai\"\nbase_url = \"{url}\"\n\
         model = \"smollm2-135m-instruct\"\napi_key_env = \"{variable}\"\n{PATIENT}{lines}\n"
    )
}

async fn audit(person: &Person, judge: &str) -> Value {
    let body = json!({
        "source_text": "The mill has two wheels.",
        "candidate_output": "The mill has two wheels.",
        "config": { "judges": [judge, "lexical"] },
    });
    let id = person.create(&body).await;
    person.start(&id).await;
    let begin = Instant::now();
    loop {
        let now = person.evaluation(&id).await;
        if let Some(heard) = now["judges"]
            .as_array()
            .and_then(|judges| judges.iter().find(|heard| heard["judge_name"] == judge))
        {
            return heard.clone();
        }
        assert!(begin.elapsed() < PATIENCE, "{judge} was not heard: {now}");
        tokio::time::sleep(GLANCE).await;
    }
}

#[tokio::test]
async fn a_real_model_is_asked_as_a_scripted_one_is() {
    let Some(url) = required("AUDITOR_TEST_LLM") else {
        return;
    };
    let Some(key) = required("AUDITOR_TEST_LLM_KEY") else {
        return;
    };
    let file = [
        configured("whole", &url, VARIABLE, "max_tokens = 400\n"),
        configured("bounded", &url, VARIABLE, "max_tokens = 16\n"),
        configured("locked-out", &url, "WRONG_KEY", ""),
    ]
    .concat();
    let wrong = "sk-a-key-that-opens-nothing";
    let keys = [(VARIABLE, key.as_str()), ("WRONG_KEY", wrong)];
    let setup = Setup::sqlite().set(VARIABLE, &key).set("WRONG_KEY", wrong);
    let server = setup.file(&file).start().await;
    server.door().keep_secret(&key);
    server.door().keep_secret(wrong);
    let nora = server.register("nora").await;

    let refused = audit(&nora, "locked-out").await;
    assert_eq!(refused["failure"], "auth", "{refused}");
    assert_eq!(refused["attempts"], 1, "{refused}");

    let bounded = audit(&nora, "bounded").await;
    assert_eq!(bounded["failure"], "truncated", "{bounded}");
    assert_eq!(
        (&bounded["score"], &bounded["attempts"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(bounded["usage"]["completion_tokens"], 16, "{bounded}");

    let whole = audit(&nora, "whole").await;
    println!("the model said: {whole}");
    let tokens = |which: &str| whole["usage"][which].as_u64().unwrap_or_default();
    assert!(
        tokens("prompt_tokens") > 500,
        "the rubric alone is longer: {whole}"
    );
    assert!(tokens("completion_tokens") > 10, "{whole}");
    if whole["status"] == "completed" {
        let score = whole["score"].as_f64().unwrap();
        assert!([0.0, 25.0, 50.0, 75.0, 100.0].contains(&score), "{whole}");
        assert!(whole["reasoning"].is_string(), "{whole}");
        assert_eq!(whole.get("failure"), None);
    } else {
        // A model of this size may write on and on; what it may not is invent a score.
        let failure = whole["failure"].as_str().unwrap_or_default();
        assert!(["truncated", "malformed"].contains(&failure), "{whole}");
        assert_eq!(whole["score"], Value::Null);
    }
    server.finish().await;

    let names = ["--judge", "locked-out", "--judge", "bounded"];
    let arguments = [&["judges", "check", "--json"][..], &names].concat();
    let ended = run(&arguments, &file, &keys).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let answers: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    let failures: Vec<&Value> = answers.iter().map(|answer| &answer["failure"]).collect();
    assert_eq!(failures, ["truncated", "auth"]);
    assert!(answers[0]["latency_ms"].as_u64().unwrap() > 0);
    assert!(!ended.stdout.contains(wrong) && !ended.stdout.contains(&key));
}
