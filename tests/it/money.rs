//! What judging costs: in the results, by day, before a run, and where it has to stop. And what is not
//! asked, and not paid, twice.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Format, Frame, Manner, PASSWORD, Person, ScriptedJudge, Setup, Socket};
use crate::samples;

on_every_database!(
    a_price_turns_tokens_into_money,
    use_is_kept_by_day_and_outlives_the_evaluation,
    a_budget_stops_the_next_call,
    what_is_cancelled_or_deleted_away_is_paid_for,
    what_is_sent_and_not_waited_for_is_paid_for,
    a_day_is_shared_by_runs_and_survives_a_restart,
    an_estimate_is_never_below_what_is_used,
    the_same_question_is_asked_once,
    all_users_share_a_day_which_outlives_an_account,
    a_new_account_has_a_budget_of_its_own,
);

/// The scripted judge uses 321 tokens and writes 45.
pub(crate) const PRICES: &str = "[[prices]]\nmodel = \"scripted-1\"\n\
    input_usd_per_million = 1000.0\noutput_usd_per_million = 2000.0\n\n";
pub(crate) const COST: f64 = 0.411;

pub(crate) fn close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap_or_else(|| panic!("{value}"));
    assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
}

pub(crate) fn heard<'a>(events: &'a [Frame], judge: &str) -> &'a Value {
    let mut results = events.iter().filter(|event| event.kind() == "judge_result");
    let found = results.find(|event| event.data()["judge_name"] == judge);
    found
        .unwrap_or_else(|| panic!("{judge} was not heard"))
        .data()
}

pub(crate) async fn audited(person: &Person, judges: &[&str], text: &str) -> Vec<Frame> {
    let mut body = samples::evaluation_by(judges);
    body["question"] = json!(text);
    let id = person.create(&body).await;
    person.audit(&id).await
}

pub(crate) async fn started(person: &Person, judges: &[&str]) -> (String, Socket) {
    let id = person.create(&samples::evaluation_by(judges)).await;
    let mut socket = person.connect().await;
    socket.join(&id).await;
    person.start(&id).await;
    (id, socket)
}

async fn next_report(socket: &mut Socket) -> Frame {
    loop {
        let event = socket.next_event().await;
        if event.kind() == "judge_result" {
            return event;
        }
    }
}

pub(crate) async fn usage(person: &Person) -> Value {
    person.get("/usage?days=2").await.has(200).json()
}

async fn a_price_turns_tokens_into_money(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let free = judge.configured("free").replace("scripted-1", "unpriced");
    let file = format!("{PRICES}{}{free}", judge.configured("paid"));
    let server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    let events = audited(&nora, &["paid", "lexical"], "one").await;
    close(&heard(&events, "paid")["usage"]["cost_usd"], COST);
    assert_eq!(heard(&events, "lexical").get("usage"), None);
    let result = &events.last().unwrap().data()["result"];
    close(&result["usage"]["cost_usd"], COST);
    // A sum without one of its parts would look like the whole.
    let events = audited(&nora, &["paid", "free"], "two").await;
    assert_eq!(heard(&events, "free")["usage"].get("cost_usd"), None);
    let result = &events.last().unwrap().data()["result"];
    assert_eq!(result["usage"]["prompt_tokens"], 2 * 321);
    assert_eq!(result["usage"].get("cost_usd"), None);
    // Judges in the program read no tokens, which the result says too.
    let events = audited(&nora, &["lexical", "facts"], "three").await;
    let result = &events.last().unwrap().data()["result"];
    let nothing = json!({"prompt_tokens": 0, "completion_tokens": 0});
    assert_eq!(result["usage"], nothing);
    server.finish().await;
}

async fn use_is_kept_by_day_and_outlives_the_evaluation(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let file = format!("{PRICES}{}", judge.configured("paid"));
    let server = setup.file(&file).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    assert_eq!(usage(&nora).await["items"], json!([]));
    let id = nora
        .create(&samples::evaluation_by(&["paid", "facts"]))
        .await;
    nora.audit(&id).await;
    nora.delete(&id).await;
    audited(&nora, &["paid"], "another").await;
    let used = usage(&nora).await;
    let day = &used["items"][0];
    assert_eq!(used["items"].as_array().map(Vec::len), Some(1), "{used}");
    assert_eq!(
        (&day["calls"], &day["day"]),
        (&json!(2), &used["today"]["day"])
    );
    assert_eq!(day["prompt_tokens"], 2 * 321);
    assert_eq!(day["completion_tokens"], 2 * 45);
    close(&day["cost_usd"], 2.0 * COST);
    assert_eq!(used["budget"]["user_day_usd"], Value::Null);
    assert_eq!(usage(&ben).await["items"], json!([]), "each has one's own");
    let refused = nora.get("/usage?days=0").await.has(422).json();
    assert_eq!(refused["errors"][0]["pointer"], "/days");
    server.finish().await;
}

async fn a_budget_stops_the_next_call(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Waits);
    // Two thousand tokens of answer are held for each call: one fits, two at once do not.
    let (first, second) = (judge.configured("first"), judge.configured("second"));
    let file = format!("[budgets]\nrun_tokens = 6000\n\n{first}{second}");
    let server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    let (_, mut socket) = started(&nora, &["first", "second"]).await;
    let stopped = next_report(&mut socket).await;
    let stopped = stopped.data();
    assert_eq!(
        (&stopped["status"], &stopped["failure"]),
        (&json!("failed"), &json!("budget"))
    );
    let why = stopped["error"].as_str().unwrap();
    assert!(why.contains("the budget of the run, 6000 tokens"), "{why}");
    judge.open();
    let asked = next_report(&mut socket).await;
    assert_eq!(asked.data()["status"], "completed", "{}", asked.text);
    let events = socket.until_terminal().await;
    socket.close().await;
    let end = events.last().unwrap();
    assert_eq!(end.data()["degraded"], true, "{}", end.text);
    assert_eq!(judge.asked(), 1);
    server.finish().await;
}

async fn what_is_cancelled_or_deleted_away_is_paid_for(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let budget = "[budgets]\nuser_day_usd = 10.0\n\n";
    let file = format!("{budget}{PRICES}{}", judge.configured("paid"));
    let mut server = setup.file(&file).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    for (asked, (who, deletes)) in [(&nora, false), (&ben, true)].into_iter().enumerate() {
        // A call may cost some $6: the second one is not borne.
        let (id, mut socket) = started(who, &["paid"]).await;
        judge.until_asked(asked + 1).await;
        if deletes {
            who.delete(&format!("/evaluations/{id}")).await.has(204);
        } else {
            who.cancel(&id).await.has(202);
        }
        let events = socket.until_terminal().await;
        assert_eq!(events.last().unwrap().kind(), "evaluation_cancelled");
        let report = heard(&events, "paid");
        assert_eq!(
            (&report["status"], &report["failure"], &report["attempts"]),
            (&json!("failed"), &json!("cancelled"), &json!(1))
        );
        assert_eq!(report["details"]["usage_estimated"], true);
        let warned = events
            .iter()
            .any(|event| event.kind() == "evaluation_error");
        assert!(!warned, "nothing went wrong");
        let used = usage(who).await["today"].clone();
        assert_eq!(used["calls"], 1);
        assert_eq!(used["cost_usd"], report["usage"]["cost_usd"]);
        let cost = used["cost_usd"].as_f64().unwrap();
        assert!((5.0..10.0).contains(&cost), "{cost}");
        socket.close().await;
    }
    for restarted in [false, true] {
        if restarted {
            server.kill();
            server.start_again();
        }
        for who in [&nora, &ben] {
            let events = audited(who, &["paid"], "again").await;
            assert_eq!(heard(&events, "paid")["failure"], "budget");
        }
    }
    assert_eq!(judge.asked(), 2);
    server.finish().await;
}

async fn what_is_sent_and_not_waited_for_is_paid_for(setup: Setup) {
    let takes = |ms| ScriptedJudge::start(Manner::Takes(Duration::from_millis(ms)));
    let [hedged, late] = [takes(1500), takes(60_000)];
    let floods = ScriptedJudge::start(Manner::Floods);
    let limited = ScriptedJudge::start(Manner::Fails(429));
    let openai =
        |judge: &ScriptedJudge, name, keys| judge.configured_as(name, Format::OpenAi, keys);
    let file = [
        PRICES.to_owned(),
        openai(&hedged, "hedged", "max_attempts = 2\nhedge_after_ms = 200"),
        openai(&late, "late", "max_attempts = 1\ntimeout_ms = 500"),
        floods.configured("floods"),
        limited.configured("limited"),
    ];
    let file = file.join("\n");
    let server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    let events = audited(&nora, &["hedged", "late", "floods", "limited"], "one").await;
    // 2,048 tokens of answer at $2,000 a million, and what the prompt takes.
    for (judge, failure, least) in [
        ("hedged", Value::Null, 4.0 + COST),
        ("late", json!("timeout"), 4.0),
        ("floods", json!("malformed"), 4.0),
    ] {
        let report = heard(&events, judge);
        assert_eq!(report.get("failure").unwrap_or(&Value::Null), &failure);
        assert_eq!(report["details"]["usage_estimated"], true, "{judge}");
        let cost = report["usage"]["cost_usd"].as_f64().unwrap();
        assert!(cost > least, "{judge}: {cost}");
    }
    assert_eq!(heard(&events, "hedged")["attempts"], 2);
    let refused = heard(&events, "limited");
    assert_eq!(refused["failure"], "rate_limited");
    assert_eq!(refused.get("usage"), None, "nobody worked for it");
    let today = usage(&nora).await["today"].clone();
    assert_eq!(today["calls"], 5, "every request");
    server.finish().await;
}

async fn a_day_is_shared_by_runs_and_survives_a_restart(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let budget = "[budgets]\nuser_day_usd = 10.0\n\n";
    let file = format!("{budget}{PRICES}{}", judge.configured("paid"));
    let mut server = setup.file(&file).start().await;
    let nora = server.register("nora").await;
    // A call may cost some $6: 1,900 tokens of prompt at $1,000 a million, 2,048 of answer at $2,000.
    let events = audited(&nora, &["paid"], "one").await;
    assert_eq!(heard(&events, "paid")["status"], "completed");
    let left = usage(&nora).await["budget"]["left_today_usd"].clone();
    close(&left, 10.0 - COST);
    server.kill();
    server.start_again();
    let mut calls = 1;
    let end = loop {
        let events = audited(&nora, &["paid"], &format!("again {calls}")).await;
        if heard(&events, "paid")["status"] != "completed" {
            break events;
        }
        calls += 1;
        assert!(calls < 25, "nothing stops it");
    };
    assert_eq!(heard(&end, "paid")["failure"], "budget");
    let last = end.last().unwrap();
    assert_eq!(last.data()["error_type"], "all_judges_failed");
    let spent = usage(&nora).await["today"]["cost_usd"].as_f64().unwrap();
    assert!(spent <= 10.0, "{spent}");
    assert_eq!(judge.asked(), calls);
    close(
        &usage(&nora).await["today"]["cost_usd"],
        COST * calls as f64,
    );
    // Somebody else's day is another one.
    let ben = server.register("ben").await;
    let events = audited(&ben, &["paid"], "one").await;
    assert_eq!(heard(&events, "paid")["status"], "completed");
    server.finish().await;
}

async fn an_estimate_is_never_below_what_is_used(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let file = format!(
        "[budgets]\nrun_tokens = 20000\n\n{PRICES}{}",
        judge.configured("paid")
    );
    let server = setup.file(&file).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    let id = nora
        .create(&samples::evaluation_by(&["paid", "facts"]))
        .await;
    let path = format!("/evaluations/{id}/estimate");
    let estimate = nora.post(&path, &json!({})).await.has(200).json();
    let (paid, facts) = (&estimate["judges"][0], &estimate["judges"][1]);
    assert_eq!(
        (&paid["judge_name"], &paid["calls"]),
        (&json!("paid"), &json!(1))
    );
    assert_eq!(
        (&facts["calls"], &facts["cost_usd"]),
        (&json!(0), &json!(0.0))
    );
    assert_eq!(estimate["max_completion_tokens"], 2048);
    let prompt = estimate["prompt_tokens"].as_f64().unwrap();
    assert!((800.0..8000.0).contains(&prompt), "{estimate}");
    close(&estimate["cost_usd"], prompt / 1000.0 + 2.0 * 2.048);
    assert_eq!(estimate["fits"], true);
    assert_eq!(judge.asked(), 0, "nothing is asked");
    ben.post(&path, &json!({})).await.has(404);
    // A long source does not fit.
    let mut long = samples::evaluation_by(&["paid"]);
    long["source_text"] = json!("The mill was built in 1812. ".repeat(4000));
    let id = nora.create(&long).await;
    let path = format!("/evaluations/{id}/estimate");
    let estimate = nora.post(&path, &json!({})).await.has(200).json();
    assert_eq!(estimate["fits"], false);
    let reason = estimate["reasons"][0].as_str().unwrap();
    assert!(reason.contains("20000 tokens"), "{reason}");
    server.finish().await;
}

async fn the_same_question_is_asked_once(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let with = |name: &str, keys: &str| format!("{}\n{keys}\n", judge.configured(name).trim_end());
    let file = [
        with("plain", "cache_ttl_s = 3600"),
        with("repeated", "repeats = 2\ncache_ttl_s = 3600"),
        with(
            "kept",
            "repeats = 2\ncache_ttl_s = 3600\ncache_repeats = true",
        ),
        with("anew", ""),
    ]
    .concat();
    let server = setup.file(&file).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    for (name, calls, again) in [
        ("plain", 1, 0),
        ("repeated", 2, 2),
        ("kept", 2, 0),
        ("anew", 1, 1),
    ] {
        let before = judge.asked();
        let events = audited(&nora, &[name], "one").await;
        let first = heard(&events, name);
        assert_eq!(
            (first["attempts"].as_u64(), judge.asked() - before),
            (Some(calls as u64), calls)
        );
        assert_eq!(first["details"].get("cached_age_ms"), None);
        let events = audited(&nora, &[name], "one").await;
        let second = heard(&events, name);
        assert_eq!(judge.asked() - before, calls + again, "{name}");
        assert_eq!(second["score"], first["score"]);
        let age = second["details"]["cached_age_ms"].as_u64();
        assert_eq!(age.is_some(), again == 0, "{name}: {second}");
        assert_eq!(second.get("usage").is_some(), again > 0, "nothing was paid");
    }
    // What somebody else has asked does not show.
    let before = judge.asked();
    let events = audited(&ben, &["plain"], "one").await;
    assert_eq!(
        heard(&events, "plain")["details"].get("cached_age_ms"),
        None
    );
    assert_eq!(judge.asked() - before, 1);
    server.finish().await;
}

/// What one call holds at most is over two thousand tokens; what it uses is 366.
async fn all_users_share_a_day_which_outlives_an_account(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let file = format!(
        "[budgets]\nday_tokens = 4000\n\n{}",
        judge.configured("paid")
    );
    let mut server = setup.file(&file).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    let mut asked = 0;
    let refused = loop {
        let person = if asked % 2 == 0 { &nora } else { &ben };
        let events = audited(person, &["paid"], &asked.to_string()).await;
        let heard = heard(&events, "paid").clone();
        if heard["failure"] == "budget" {
            break heard;
        }
        assert_eq!(heard["status"], "completed", "{heard}");
        asked += 1;
        assert!(asked < 11, "4000 tokens bear 10 calls at most");
    };
    let why = refused["error"].as_str().unwrap();
    assert!(why.contains("the day of all users"), "{why}");
    assert!(
        !why.contains("366"),
        "what others used is nobody's business: {why}"
    );
    assert_eq!(judge.asked(), asked);

    // Neither a new process nor a removed account brings anything back.
    let body = json!({ "current_password": PASSWORD });
    nora.post("/auth/delete", &body).await.has(204);
    server.restart().await;
    let events = audited(&ben, &["paid"], "again").await;
    assert_eq!(heard(&events, "paid")["failure"], "budget");
    assert_eq!(judge.asked(), asked);
    let id = ben.create(&samples::evaluation_by(&["paid"])).await;
    let estimate = ben
        .post(&format!("/evaluations/{id}/estimate"), &json!({}))
        .await;
    let estimate = estimate.has(200).json();
    assert_eq!(estimate["fits"], false, "{estimate}");
    let reason = estimate["reasons"][0].as_str().unwrap();
    assert!(reason.contains("budget of all users"), "{reason}");
    let printed = server.printed();
    assert!(!printed.contains("anybody can make accounts"), "{printed}");
    server.finish().await;
}

async fn a_new_account_has_a_budget_of_its_own(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let file = |days: u32| {
        format!(
            "[budgets]\nnew_user_days = {days}\nnew_user_day_tokens = 100\nuser_day_tokens = 1000000\n\n{}",
            judge.configured("paid")
        )
    };
    let mut server = setup.file(&file(7)).start().await;
    let nora = server.register("nora").await;
    let events = audited(&nora, &["paid"], "one").await;
    let why = heard(&events, "paid")["error"].as_str().unwrap().to_owned();
    assert!(
        why.contains("a user whose account is new, 100 tokens"),
        "{why}"
    );
    let budget = usage(&nora).await["budget"].clone();
    assert_eq!(budget["user_day_tokens"], 100, "{budget}");
    assert_eq!(judge.asked(), 0);
    // With another bound the account is none of the new ones.
    server.rewrite_file(&file(0));
    server.restart().await;
    let events = audited(&nora, &["paid"], "two").await;
    assert_eq!(heard(&events, "paid")["status"], "completed");
    let budget = usage(&nora).await["budget"].clone();
    assert_eq!(budget["user_day_tokens"], 1_000_000, "{budget}");
    server.finish().await;
}

#[tokio::test]
async fn a_start_where_strangers_may_cost_money_without_an_end_warns() {
    let far = "[[judges]]\nname = \"far\"\nkind = \"openai\"\nbase_url = \"http://192.0.2.7/v1\"\nmodel = \"m\"\n";
    for (file, warns) in [
        (far.to_owned(), true),
        (format!("[budgets]\nday_tokens = 1000\n{far}"), false),
        (format!("[auth]\nregistration = \"closed\"\n{far}"), false),
    ] {
        let server = Setup::sqlite().file(&file).start().await;
        let printed = server.printed();
        assert_eq!(
            printed.contains("anybody can make accounts"),
            warns,
            "{file}\n{printed}"
        );
        let checked = server.operate(&["check-config"], "");
        assert!(checked.status.success(), "{checked:?}");
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert_eq!(said.contains("budgets.day_usd"), warns, "{file}\n{said}");
        server.finish().await;
    }
}
