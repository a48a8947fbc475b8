//! What a user and a provider are allowed holds for all nodes together.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::nodes::becomes;
use super::{Fleet, file_of};
use crate::harness::{DEADLINE, Door, GLANCE, Knock, Manner, Person, ScriptedJudge, Setup, Socket};
use crate::samples;

/// Of each limit but the one of starts.
const LIMIT: u64 = 6;

/// Starts a minute: as many as the other parts of the test need at most.
const STARTS: u64 = 10;

/// Fails the test unless as many were let through as are allowed, of so many a minute; with what became free
/// meanwhile.
fn holds(through: u64, limit: u64, since: Instant) {
    let most = limit + since.elapsed().as_secs() * limit / 60 + 1;
    assert!(
        (limit..=most).contains(&through),
        "{through} of {limit} a minute"
    );
}

async fn login(door: &Door, name: &str) -> u16 {
    let body = json!({ "username": name, "password": "not the right one" });
    let request = door
        .request(Method::POST, "/auth/login")
        .header("X-Forwarded-For", "203.0.113.66")
        .json(&body);
    door.send(request).await.status
}

/// Opens a socket; none if there are too many.
async fn connected(person: &Person) -> Option<Socket> {
    let mut socket = Knock::at(person.door()).bearer(&person.access).open().await;
    let first = socket.next_frame().await;
    if first.kind() == "welcome" {
        return Some(socket);
    }
    assert_eq!(
        first.value["error"]["code"], "limit_exceeded",
        "{}",
        first.text
    );
    assert_eq!(socket.until_closed().await.1, 4504);
    None
}

/// Creates and starts, at one node after the other; ids.
async fn started(at: &[Person], body: &Value, times: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for person in at.iter().cycle().take(times) {
        let id = person.create(body).await;
        person.start(&id).await;
        ids.push(id);
    }
    ids
}

/// What a judge said in the end, of a run that has ended.
async fn report_of(person: &Person, id: &str) -> Value {
    let begin = Instant::now();
    loop {
        let path = format!("/evaluations/{id}/events?limit=500");
        let page = person.get(&path).await.has(200).json();
        let events = page["events"].as_array().unwrap();
        let mut reports = events
            .iter()
            .filter(|event| event["type"] == "judge_result");
        if let Some(report) = reports.next() {
            return report["data"].clone();
        }
        assert!(begin.elapsed() < DEADLINE, "{id}: no report");
        tokio::time::sleep(GLANCE).await;
    }
}

#[tokio::test]
async fn limits_hold_over_three_nodes() {
    let (judge, rare) = (
        ScriptedJudge::start(Manner::Waits),
        ScriptedJudge::start(Manner::Rates(4)),
    );
    let many = "max_concurrency = 64\ntimeout_ms = 600000";
    let file = format!(
        "[budgets]\nuser_day_tokens = 20000\n\n{}{}",
        file_of(&[("paid", &judge)]).replace("timeout_ms = 600000", many),
        file_of(&[("rare", &rare)]).replace(
            "timeout_ms = 600000",
            &format!("requests_per_minute = {LIMIT}\nmax_tokens = 64\n{many}"),
        ),
    );
    let Some(fleet) = Fleet::start(3, |setup| {
        setup
            .file(&file)
            .set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
            .limit("connections_per_user", LIMIT)
            .limit("logins_per_minute", LIMIT)
            .limit("starts_per_minute", STARTS)
    })
    .await
    else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);

    // Logins from one address.
    let begin = Instant::now();
    let mut let_in = 0;
    for n in 0..3 * LIMIT {
        let door = at[n as usize % 3].door();
        let_in += u64::from(login(door, &format!("nobody-{n}")).await == 401);
    }
    holds(let_in, LIMIT, begin);

    // Starts of a user.
    let mut ids = Vec::new();
    for _ in 0..2 * STARTS {
        ids.push(nora.create(&samples::evaluation_by(&["lexical"])).await);
    }
    let begin = Instant::now();
    let mut begun = 0;
    for (n, id) in ids.iter().enumerate() {
        let start = format!("/evaluations/{id}/start");
        let answer = at[n % 3].post(&start, &json!({})).await;
        if answer.status == 429 {
            answer.is_problem(429, "rate_limited");
            let wait: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=60 / STARTS + 1).contains(&wait), "{wait} s");
        } else {
            begun += u64::from(answer.has(202).status == 202);
        }
    }
    holds(begun, STARTS, begin);

    connections_hold(&at).await;
    members_are_those_of_all(&nora, &at).await;
    budget_holds(&fleet, &judge).await;

    // What a provider takes a minute.
    let cleo = fleet.first.register("cleo").await;
    let at = fleet.everywhere(&cleo);
    let begin = Instant::now();
    let ids = started(&at, &samples::evaluation_by(&["rare", "lexical"]), 9).await;
    for id in &ids {
        // The offline judge is asked at the same moment.
        report_of(&cleo, id).await;
    }
    rare.until_asked(LIMIT as usize).await;
    holds(rare.asked() as u64, LIMIT, begin);
    for id in &ids {
        cleo.cancel(id).await;
    }
    fleet.finish().await;
}

/// Sockets of one user: as many as are allowed, wherever they are.
async fn connections_hold(at: &[Person]) {
    let all = at.iter().cycle().take(2 * LIMIT as usize);
    let opened = futures_util::future::join_all(all.map(connected)).await;
    let mut open: Vec<Socket> = opened.into_iter().flatten().collect();
    // Of those that came at once each may have seen another that was refused then.
    assert!(open.len() <= LIMIT as usize, "{} sockets", open.len());
    let begin = Instant::now();
    while open.len() < LIMIT as usize {
        open.extend(connected(&at[open.len() % 3]).await);
        assert!(begin.elapsed() < DEADLINE, "{} sockets", open.len());
    }
    for person in at {
        assert!(connected(person).await.is_none(), "one too many");
    }
    // Whoever leaves one node makes room at another.
    open.pop().unwrap().close().await;
    let begin = Instant::now();
    let again = loop {
        if let Some(socket) = connected(&at[1]).await {
            break socket;
        }
        assert!(begin.elapsed() < DEADLINE, "no room");
        tokio::time::sleep(GLANCE).await;
    };
    again.close().await;
    for socket in open {
        socket.close().await;
    }
}

/// Who joins is told how many watch, wherever they do.
async fn members_are_those_of_all(nora: &Person, at: &[Person]) {
    let id = nora.create(&samples::evaluation_by(&["lexical"])).await;
    let mut sockets = Vec::new();
    for person in at {
        let begin = Instant::now();
        // The sockets before may not be gone everywhere yet.
        let mut socket = loop {
            if let Some(socket) = connected(person).await {
                break socket;
            }
            assert!(begin.elapsed() < DEADLINE, "no room");
            tokio::time::sleep(GLANCE).await;
        };
        socket.join(&id).await;
        sockets.push(socket);
    }
    let begin = Instant::now();
    for socket in &mut sockets {
        while socket.join(&id).await["data"]["members"] != 3 {
            assert!(begin.elapsed() < DEADLINE, "not three");
            tokio::time::sleep(GLANCE).await;
        }
    }
    for socket in sockets {
        socket.close().await;
    }
}

/// As many calls at once as the day's budget bears, whichever nodes make them.
async fn budget_holds(fleet: &Fleet, judge: &ScriptedJudge) {
    let ben = fleet.first.register("ben").await;
    let at = fleet.everywhere(&ben);
    let body = samples::evaluation_by(&["paid"]);
    let id = ben.create(&body).await;
    let estimate = ben
        .post(&format!("/evaluations/{id}/estimate"), &json!({}))
        .await;
    let estimate = estimate.has(200).json();
    let most = |field: &str| estimate[field].as_u64().unwrap();
    let of_one = most("prompt_tokens") + most("max_completion_tokens");
    let bears = (20_000 / of_one) as usize;
    assert!((3..=7).contains(&bears), "{estimate}");
    let ids = started(&at, &body, bears + 3).await;
    judge.until_asked(bears).await;
    // The others are refused, and none is asked beside.
    let begin = Instant::now();
    let is_refused = format!(
        "SELECT count(*) AS count FROM evaluation_sessions WHERE user_id = '{}' AND status = 'failed'",
        ben.id
    );
    while fleet.count(&is_refused) < 3 {
        assert!(begin.elapsed() < DEADLINE, "nobody is refused");
        tokio::time::sleep(GLANCE).await;
    }
    assert_eq!(judge.asked(), bears);
    judge.open();
    let mut refused = 0;
    for id in &ids {
        let report = report_of(&ben, id).await;
        if report["failure"] == "budget" {
            refused += 1;
            let why = report["error"].to_string();
            assert!(
                why.contains("20000 tokens, does not bear the call"),
                "{report}"
            );
        }
    }
    assert_eq!(refused, 3);
}

/// Waits until all of these runs have come to their judges, and have had the time to ask.
async fn have_come_to_their_judges(person: &Person, ids: &[String]) {
    for id in ids {
        let begin = Instant::now();
        let path = format!("/evaluations/{id}/events?limit=500");
        let is_there = |text: &str| text.contains("\"stage\":\"judging\"");
        while !is_there(&person.get(&path).await.has(200).text) {
            assert!(begin.elapsed() < DEADLINE, "{id} asks nobody");
            tokio::time::sleep(GLANCE).await;
        }
    }
    // Another run through all of its stages.
    let other = person.create(&samples::evaluation_by(&["lexical"])).await;
    person.audit(&other).await;
}

/// What a provider takes of tokens a minute.
#[tokio::test]
async fn a_providers_tokens_a_minute_hold_over_three_nodes() {
    const BEARS: u64 = 3;
    let judge = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("wordy", &judge)]);
    let body = samples::evaluation_by(&["wordy"]);
    let one = Setup::sqlite().file(&file).start().await;
    let nora = one.register("nora").await;
    let id = nora.create(&body).await;
    let path = format!("/evaluations/{id}/estimate");
    let estimate = nora.post(&path, &json!({})).await.has(200).json();
    let of_one = ["prompt_tokens", "max_completion_tokens"]
        .iter()
        .map(|field| estimate[field].as_u64().unwrap())
        .sum::<u64>();
    one.finish().await;
    let a_minute = of_one * BEARS + of_one / 2;
    let limits =
        format!("tokens_per_minute = {a_minute}\nmax_concurrency = 64\ntimeout_ms = 600000");
    let file = file.replace("timeout_ms = 600000", &limits);
    let Some(fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let begin = Instant::now();
    let ids = started(&at, &body, 9).await;
    judge.until_asked(BEARS as usize).await;
    have_come_to_their_judges(&nora, &ids).await;
    holds(judge.asked() as u64, BEARS, begin);
    for id in &ids {
        nora.cancel(id).await.has(202);
    }
    fleet.finish().await;
}

/// A judge's calls at once, whichever nodes make them: its part of each node, and not one more.
#[tokio::test]
async fn a_judges_calls_at_once_are_bounded_over_three_nodes() {
    const AT_ONCE: usize = 7;
    let judge = ScriptedJudge::start(Manner::Waits);
    let at_once = format!("max_concurrency = {AT_ONCE}\ntimeout_ms = 600000");
    let file = file_of(&[("slow", &judge)]).replace("timeout_ms = 600000", &at_once);
    let Some(fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    // Each node has more runs than its part of the calls.
    let ids = started(&at, &samples::evaluation_by(&["slow"]), 4 * 3).await;
    judge.until_asked(AT_ONCE).await;
    have_come_to_their_judges(&nora, &ids).await;
    assert_eq!(judge.asked(), AT_ONCE);
    judge.open();
    for id in &ids {
        report_of(&nora, id).await;
    }
    assert_eq!(judge.asked(), ids.len());
    fleet.finish().await;
}

/// What a run may cost is what all of its owners spend together.
#[tokio::test]
async fn the_budget_of_a_run_holds_though_its_node_dies() {
    let (paid, late) = (
        ScriptedJudge::start(Manner::Rates(4)),
        ScriptedJudge::start(Manner::Waits),
    );
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let setup = setup.file(&file_of(&[("paid", &paid), ("late", &late)]));
    let mut fleet = Fleet::of_one(setup).await;
    let nora = fleet.first.register("nora").await;
    let body = samples::evaluation_by(&["paid"]);
    let id = started(std::slice::from_ref(&nora), &body, 1)
        .await
        .remove(0);
    let usage = report_of(&nora, &id).await["usage"].clone();
    let tokens = |value: &Value, field: &str| value[field].as_u64().unwrap();
    let spent = tokens(&usage, "prompt_tokens") + tokens(&usage, "completion_tokens");
    assert!(spent > 1, "{usage}");
    let id = nora.create(&samples::evaluation_by(&["late"])).await;
    let path = format!("/evaluations/{id}/estimate");
    let estimate = nora.post(&path, &json!({})).await.has(200).json();
    let of_late = tokens(&estimate, "prompt_tokens") + tokens(&estimate, "max_completion_tokens");

    // At these nodes a run bears the second call, but not beside what the first has taken.
    let narrow = (of_late + spent / 2).to_string();
    for _ in 0..2 {
        let variables = [("AUDITOR_BUDGETS__RUN_TOKENS", narrow.as_str())];
        fleet.others.push(fleet.first.another_node_with(&variables));
    }
    fleet.know_each_other().await;
    let at = fleet.everywhere(&nora);
    let body = samples::evaluation_by(&["paid", "late"]);
    let id = started(&at[..1], &body, 1).await.remove(0);
    late.until_asked(1).await;
    report_of(&nora, &id).await;
    assert_eq!(fleet.owner_of(&id), Some(0), "nobody is less busy");
    fleet.node_mut(0).kill();
    becomes(&at[1], &id, "completed", DEADLINE).await;
    let path = format!("/evaluations/{id}/events?limit=500");
    let page = at[1].get(&path).await.has(200).json();
    let events = page["events"].as_array().unwrap().iter();
    let failures: Vec<(&Value, &Value)> = events
        .filter(|event| event["type"] == "judge_result")
        .map(|event| (&event["data"]["judge_name"], &event["data"]["failure"]))
        .collect();
    assert_eq!(failures.len(), 2, "{page}");
    assert!(
        failures.contains(&(&json!("late"), &json!("budget"))),
        "{page}"
    );
    assert_eq!((paid.asked(), late.asked()), (2, 1));
    fleet.finish().await;
}
