//! Sums over a user's evaluations, checked against the evaluations themselves.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Manner, Person, ScriptedJudge, Setup};
use crate::money::PRICES;
use crate::samples;

on_every_database!(
    sums_are_those_of_the_evaluations,
    days_are_bounded,
    asking_is_limited_by_user,
);

async fn statistics(person: &Person) -> Value {
    person.get("/statistics?days=2").await.has(200).json()
}

fn close(value: &Value, expected: f64, what: &str) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{what}: {value}"));
    assert!(
        (value - expected).abs() < 1e-9,
        "{what}: {value} is not {expected}"
    );
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

async fn sums_are_those_of_the_evaluations(setup: Setup) {
    let (broken, paid) = (
        ScriptedJudge::start(Manner::Fails(400)),
        ScriptedJudge::start(Manner::Rates(4)),
    );
    let slow = ScriptedJudge::start(Manner::Hangs);
    let file = format!(
        "{PRICES}{}{}{}",
        broken.configured("broken"),
        paid.configured("paid"),
        slow.configured("slow")
    );
    let server = setup.file(&file).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    let mut whole = Vec::new();
    let panel = ["lexical", "facts", "logic", "novelty", "broken", "paid"];
    for candidate in [
        samples::CANDIDATE,
        samples::SOURCE,
        "The library was built of brick.",
    ] {
        let mut body = samples::evaluation_by(&panel);
        body["candidate_output"] = json!(candidate);
        let id = nora.create(&body).await;
        nora.audit(&id).await;
        // Only the last run counts.
        nora.audit(&id).await;
        whole.push(nora.evaluation(&id).await);
    }
    let failed = nora.create(&samples::evaluation_by(&["broken"])).await;
    nora.audit(&failed).await;
    nora.create_evaluation().await;
    let cancelled = nora.create(&samples::evaluation_by(&["slow"])).await;
    let mut socket = nora.connect().await;
    socket.join(&cancelled).await;
    nora.start(&cancelled).await;
    slow.until_asked(1).await;
    nora.cancel(&cancelled).await.has(202);
    socket.until_terminal().await;
    socket.close().await;
    let seen = statistics(&nora).await;
    assert_eq!(
        seen["evaluations"],
        json!({ "total": 6, "completed": 3, "failed": 1, "cancelled": 1 })
    );
    for key in ["consensus_score", "hallucination_score"] {
        let scores: Vec<f64> = whole
            .iter()
            .map(|one| one["result"][key].as_f64().unwrap())
            .collect();
        close(&seen[format!("mean_{key}")], mean(&scores), key);
    }
    let days = seen["by_day"].as_array().unwrap();
    let made: i64 = days
        .iter()
        .map(|day| day["evaluations"].as_i64().unwrap())
        .sum();
    assert_eq!(made, 6, "{days:?}");
    assert!(days.iter().all(|day| {
        let day = day["day"].as_str().unwrap();
        (seen["from"].as_str().unwrap()..=seen["to"].as_str().unwrap()).contains(&day)
    }));

    let reports = |name: &str| {
        let judges = whole
            .iter()
            .flat_map(|one| one["judges"].as_array().unwrap());
        judges
            .filter(|report| report["judge_name"] == name)
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(seen["by_judge"].as_array().unwrap().len(), panel.len() + 1);
    for figures in seen["by_judge"].as_array().unwrap() {
        let name = figures["judge_name"].as_str().unwrap();
        if name == "broken" {
            let expected = (&json!(4), &json!(0), &json!(4), &Value::Null);
            let found = (
                &figures["results"],
                &figures["completed"],
                &figures["failed"],
                &figures["mean_score"],
            );
            assert_eq!(found, expected);
            continue;
        }
        if name == "slow" {
            // It has failed nobody; what it was asked is paid for.
            for key in ["results", "failed"] {
                assert_eq!(figures[key], 0, "{key}");
            }
            assert_eq!(figures["mean_response_time_ms"], Value::Null);
            assert!(figures["cost_usd"].as_f64().unwrap() > 1.0, "{figures}");
            continue;
        }
        let reports = reports(name);
        let values = |key: &str| {
            let values = reports.iter().filter_map(|one| one[key].as_f64());
            values.collect::<Vec<_>>()
        };
        for (key, from) in [
            ("mean_response_time_ms", "response_time_ms"),
            ("mean_confidence", "confidence"),
        ] {
            if !values(from).is_empty() {
                close(&figures[key], mean(&values(from)), key);
            }
        }
        if name == "paid" {
            assert_eq!(figures["prompt_tokens"], 3 * 321);
            assert_eq!(figures["completion_tokens"], 3 * 45);
            close(&figures["cost_usd"], 3.0 * 0.411, "cost");
        } else {
            assert_eq!(figures["cost_usd"], Value::Null, "{name}");
        }
        let scores: Vec<f64> = reports
            .iter()
            .filter_map(|one| one["score"].as_f64())
            .collect();
        assert_eq!(figures["results"], 3, "{name}");
        assert_eq!(figures["completed"], scores.len(), "{name}");
        assert_eq!(figures["abstained"], 3 - scores.len(), "{name}");
        if !scores.is_empty() {
            close(&figures["mean_score"], mean(&scores), name);
        }
    }

    let mut pairs = BTreeMap::<(String, String), (u64, u64)>::new();
    for one in &whole {
        let judges = one["judges"].as_array().unwrap();
        for first in judges {
            for second in judges {
                let name = |judge: &Value| judge["judge_name"].as_str().unwrap().to_owned();
                if name(first) >= name(second) {
                    continue;
                }
                for label in first["claim_verdicts"].as_array().unwrap() {
                    let others = second["claim_verdicts"].as_array().unwrap();
                    let Some(other) = others
                        .iter()
                        .find(|one| one["claim_id"] == label["claim_id"])
                    else {
                        continue;
                    };
                    let pair = pairs.entry((name(first), name(second))).or_default();
                    pair.0 += 1;
                    pair.1 += u64::from(label["label"] != other["label"]);
                }
            }
        }
    }
    let found: BTreeMap<_, _> = seen["disagreements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let name = |place: usize| one["judges"][place].as_str().unwrap().to_owned();
            let number = |key: &str| one[key].as_u64().unwrap();
            close(
                &one["share"],
                number("disagreed") as f64 / number("claims") as f64,
                "share",
            );
            ((name(0), name(1)), (number("claims"), number("disagreed")))
        })
        .collect();
    assert_eq!(found, pairs);
    assert!(
        pairs.values().any(|&(_, disagreed)| disagreed > 0),
        "{pairs:?}"
    );
    assert_eq!(seen["compared"], 3);
    assert_eq!(
        statistics(&ben).await["evaluations"]["total"],
        0,
        "each has one's own"
    );
    server.finish().await;
}

async fn days_are_bounded(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for wrong in ["0", "366", "x"] {
        let refused = nora.get(&format!("/statistics?days={wrong}")).await;
        refused.is_invalid_at("/days");
    }
    nora.get("/statistics?days=365").await.has(200);
    server.finish().await;
}

async fn asking_is_limited_by_user(setup: Setup) {
    let setup = setup.limit("statistics_per_minute", 2);
    let server = setup.limit("exports_per_minute", 2).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    for path in [
        "/statistics".to_owned(),
        format!("/evaluations/{id}/export?format=json"),
    ] {
        for _ in 0..2 {
            nora.get(&path).await.has(200);
        }
        let refused = nora.get(&path).await;
        refused.is_problem(429, "rate_limited");
        assert!(!refused.header("retry-after").is_empty());
    }
    ben.get("/statistics").await.has(200);
    server.finish().await;
}
