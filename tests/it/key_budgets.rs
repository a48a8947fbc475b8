//! A budget of an API key's own: what it stops, what it leaves to others, and what it needs.

use serde_json::{Value, json};

use crate::harness::{Manner, Person, ScriptedJudge, Setup, text};
use crate::money::{COST, PRICES, audited, close, heard, started, usage};
use crate::samples;

on_every_database!(
    a_key_has_a_budget_of_its_own,
    a_check_leaves_a_run_what_it_may_still_take,
    a_key_with_a_budget_in_money_asks_no_judge_that_came_later_without_a_price,
);

/// Makes a key; whoever comes with it, and its id.
async fn robot(person: &Person, budget: Value) -> (Person, String) {
    let mut body = json!({ "name": "robot", "scopes": ["audit"] });
    let more = budget.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    let made = person.post("/keys", &body).await.has(201).json();
    let mut robot = person.clone();
    robot.access = text(&made["key"]);
    robot.door().keep_secret(&robot.access);
    (robot, text(&made["id"]))
}

async fn a_key_has_a_budget_of_its_own(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let file = format!("{PRICES}{}", judge.configured("paid"));
    let mut server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    let (bounded, id) = robot(&nora, json!({ "day_usd": 10.0, "day_tokens": 900_000 })).await;
    let (free, _) = robot(&nora, json!({})).await;
    let listed = nora.get("/keys").await.has(200).json();
    let budgets: Vec<(&Value, &Value)> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| (&key["day_usd"], &key["day_tokens"]))
        .collect();
    let none = (&Value::Null, &Value::Null);
    assert_eq!(budgets, [(&json!(10.0), &json!(900_000)), none]);

    let mut calls = 0;
    let end = loop {
        let events = audited(&bounded, &["paid"], &format!("again {calls}")).await;
        if heard(&events, "paid")["status"] != "completed" {
            break events;
        }
        calls += 1;
        assert!(calls < 25, "nothing stops it");
    };
    assert!(calls > 0);
    let refused = heard(&end, "paid");
    assert_eq!(refused["failure"], "budget");
    let why = text(&refused["error"]);
    assert!(
        why.contains("the budget of the API key's day, $10"),
        "{why}"
    );
    // Whatever else the account does goes on.
    for who in [&nora, &free] {
        let events = audited(who, &["paid"], "another").await;
        assert_eq!(heard(&events, "paid")["status"], "completed");
    }
    let of_key = format!("/usage?days=2&key={id}");
    let used = nora.get(&of_key).await.has(200).json();
    assert_eq!(used["budget"]["key_day_usd"], 10.0);
    close(
        &used["budget"]["key_left_today_usd"],
        10.0 - COST * calls as f64,
    );
    assert_eq!(used["budget"]["user_day_usd"], Value::Null);
    assert_eq!(usage(&nora).await["budget"]["key_day_usd"], Value::Null);
    // A stranger is told nothing of it, neither its budget nor what is left.
    let stranger = server.register("ben").await;
    let told = stranger.get(&of_key).await.has(200).json();
    let mut nothing = told["budget"].as_object().unwrap().clone();
    nothing.retain(|_, figure| !figure.is_null());
    assert!(nothing.is_empty() && told["items"] == json!([]), "{told}");
    let evaluation = bounded.create(&samples::evaluation_by(&["paid"])).await;
    let path = format!("/evaluations/{evaluation}/estimate");
    let (tight, _) = robot(&nora, json!({ "day_usd": 1 })).await;
    let estimate = tight.post(&path, &json!({})).await.has(200).json();
    let reasons = text(&estimate["reasons"][0]);
    assert!(reasons.contains("the API key's day"), "{estimate}");
    let estimate = nora.post(&path, &json!({})).await.has(200).json();
    assert_eq!(estimate["fits"], true, "{estimate}");

    // It holds for the guard, and after a restart.
    let asked = judge.asked();
    server.kill();
    server.start_again();
    let events = audited(&bounded, &["paid"], "later").await;
    assert_eq!(heard(&events, "paid")["failure"], "budget");
    // The same texts: a smaller prompt might be paid from what is left.
    let texts = samples::evaluation_by(&[]);
    let answer = json!({
        "source_text": texts["source_text"],
        "candidate_output": texts["candidate_output"],
        "question": "later",
        "judges": ["facts", "paid"],
        "budget_ms": 20_000,
    });
    let checked = bounded.post("/check", &answer).await.has(200).json();
    assert_eq!(checked["missing"], json!(["paid"]), "{checked}");
    assert_eq!(judge.asked(), asked);
    server.finish().await;
}

#[tokio::test]
async fn a_budget_in_money_needs_the_price_of_each_model() {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let server = Setup::sqlite()
        .file(&judge.configured("unpriced"))
        .start()
        .await;
    let nora = server.register("nora").await;
    let body = json!({ "name": "robot", "scopes": ["audit"], "day_usd": 1 });
    let refused = nora.post("/keys", &body).await;
    let problem = refused.is_invalid_at("/day_usd");
    let detail = text(&problem["errors"][0]["detail"]);
    assert!(
        detail.contains("the model of the judge unpriced"),
        "{detail}"
    );
    robot(&nora, json!({ "day_tokens": 1000 })).await;
    server.finish().await;
}

async fn a_check_leaves_a_run_what_it_may_still_take(setup: Setup) {
    let (slow, paid) = (
        ScriptedJudge::start(Manner::Waits),
        ScriptedJudge::start(Manner::Rates(4)),
    );
    let file = format!("{}{}", slow.configured("slow"), paid.configured("paid"));
    let server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    // One call fits, and two at once do not.
    let (bounded, _) = robot(&nora, json!({ "day_tokens": 6000 })).await;
    let (_, mut socket) = started(&bounded, &["slow"]).await;
    slow.until_asked(1).await;
    let answer = json!({
        "source_text": "The mill was built in 1874.",
        "candidate_output": "The mill was built in 1874.",
        "judges": ["facts", "paid"],
        "budget_ms": 20_000,
    });
    let checked = bounded.post("/check", &answer).await.has(200).json();
    assert_eq!(checked["missing"], json!(["paid"]), "{checked}");
    let said = checked.to_string();
    assert!(said.contains("the API key's day, 6000 tokens"), "{said}");
    assert_eq!(paid.asked(), 0);
    // What the run did not use is there again.
    slow.open();
    socket.until_terminal().await;
    socket.close().await;
    let checked = bounded.post("/check", &answer).await.has(200).json();
    assert_eq!(checked["missing"], json!([]), "{checked}");
    assert_eq!(paid.asked(), 1);
    server.finish().await;
}

async fn a_key_with_a_budget_in_money_asks_no_judge_that_came_later_without_a_price(setup: Setup) {
    let (paid, late) = (
        ScriptedJudge::start(Manner::Rates(4)),
        ScriptedJudge::start(Manner::Rates(4)),
    );
    let before = format!("{PRICES}{}", paid.configured("paid"));
    let mut server = setup.file(&before).start().await;
    let nora = server.register("nora").await;
    let (bounded, _) = robot(&nora, json!({ "day_usd": 100 })).await;
    let unpriced = late.configured("late").replace("scripted-1", "unpriced");
    server.rewrite_file(&format!("{before}{unpriced}"));
    server.restart().await;
    let events = audited(&bounded, &["paid", "late"], "one").await;
    assert_eq!(heard(&events, "paid")["status"], "completed");
    let refused = heard(&events, "late");
    assert_eq!(refused["failure"], "budget", "{refused}");
    let why = text(&refused["error"]);
    assert!(why.contains("the judge late has no price"), "{why}");
    assert_eq!(late.asked(), 0);
    // Its owner may, without the key.
    let events = audited(&nora, &["late"], "two").await;
    assert_eq!(heard(&events, "late")["status"], "completed");
    server.finish().await;
}
