//! PostgreSQL goes away in the middle of fifty runs, and comes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::{
    Answer, Cluster, DEADLINE, Door, Frame, GLANCE, Manner, ScriptedJudge, Setup,
};
use crate::samples;

const RUNS: usize = 50;

/// How long the database is away.
const AWAY: Duration = Duration::from_secs(20);

/// How long anybody waits at most to hear that it is.
const FIRST_WORD: Duration = Duration::from_secs(5);

/// How long once that is known.
pub(crate) const PROMPT: Duration = Duration::from_secs(1);

/// Sends, and says how long the answer took.
pub(crate) async fn timed(
    door: &Arc<Door>,
    request: reqwest::RequestBuilder,
) -> (Answer, Duration) {
    let begin = Instant::now();
    let answer = door.send(request).await;
    (answer, begin.elapsed())
}

pub(crate) fn is_away(answer: &Answer) {
    let problem = answer.is_problem(503, "overloaded");
    assert!(
        problem["detail"].as_str().unwrap().contains("database"),
        "{problem}"
    );
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
}

#[tokio::test]
async fn fifty_runs_survive_twenty_seconds_without_their_database() {
    let Some(cluster) = Cluster::start_new() else {
        return;
    };
    let judge = ScriptedJudge::start(Manner::Waits);
    let server = Setup::sqlite()
        .set("DATABASE_URL", &cluster.url())
        .file(
            &judge
                .configured("patient")
                .replace("timeout_ms", "max_concurrency = 64\ntimeout_ms"),
        )
        .limit("sessions_per_connection", 0)
        .limit("commands_per_second", 0)
        .start()
        .await;
    let door = Arc::clone(server.door());
    let nora = server.register("nora").await;
    let created = (0..RUNS).map(|number| {
        let mut body = samples::evaluation_by(&["lexical", "patient"]);
        body["candidate_output"] = json!(format!(
            "{} Shelf {number:04} holds maps.",
            samples::CANDIDATE
        ));
        let nora = &nora;
        async move { nora.create(&body).await }
    });
    let ids = join_all(created).await;
    let spare = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    for id in &ids {
        socket.join(id).await;
    }
    // Half of the runs are with their last judge when the database goes, half are just being started.
    let (early, late) = ids.split_at(RUNS / 2);
    join_all(early.iter().map(|id| nora.start(id))).await;
    let begin = Instant::now();
    while judge.asked() < early.len() {
        assert!(begin.elapsed() < DEADLINE, "{} asked", judge.asked());
        tokio::time::sleep(GLANCE).await;
    }
    join_all(late.iter().map(|id| nora.start(id))).await;
    cluster.crash();
    let gone = Instant::now();

    // A crowd knocks at once, before anybody can know.
    let crowd = (0..100).map(|_| {
        timed(
            &door,
            nora.request(Method::GET, &format!("/evaluations/{spare}")),
        )
    });
    let crowd = join_all(crowd).await;
    crowd.iter().for_each(|(answer, _)| is_away(answer));
    let slowest = crowd.iter().map(|(_, took)| *took).max().unwrap();
    println!(
        "100 requests at once, the slowest refused after {} ms",
        slowest.as_millis()
    );
    assert!(slowest < FIRST_WORD, "{slowest:?}");
    judge.open();

    let start = format!("/evaluations/{spare}/start");
    let (mut looks, mut slowest) = (0, Duration::ZERO);
    while gone.elapsed() < AWAY {
        let requests = [
            nora.request(Method::GET, &format!("/evaluations/{spare}")),
            nora.request(Method::GET, "/evaluations"),
            nora.request(Method::POST, "/evaluations")
                .json(&samples::evaluation()),
            nora.request(Method::POST, &start).json(&json!({})),
            door.outside(Method::GET, "/readyz"),
        ];
        let crowd = requests.into_iter().map(|request| timed(&door, request));
        for (answer, took) in join_all(crowd).await {
            is_away(&answer);
            slowest = slowest.max(took);
            looks += 1;
        }
        let (answer, took) = timed(&door, door.outside(Method::GET, "/healthz")).await;
        assert_eq!(answer.has(200).json()["status"], "ok");
        slowest = slowest.max(took);
        let refused = socket
            .refused("cancel_evaluation", json!({ "session_id": ids[0] }))
            .await;
        assert_eq!(refused["code"], "overloaded", "{refused}");
        assert_eq!(refused["retryable"], true, "{refused}");
        assert!(
            refused["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0),
            "{refused}"
        );
        tokio::time::sleep(GLANCE).await;
    }
    println!(
        "{looks} requests while it was away, the slowest refused after {} ms",
        slowest.as_millis()
    );
    assert!(slowest < PROMPT, "{slowest:?}");
    assert_eq!(door.health().await["runs"], RUNS, "they wait");

    cluster.start();
    let back = Instant::now();
    let ready = loop {
        let ready = door.send(door.outside(Method::GET, "/readyz")).await;
        if ready.status == 200 {
            break back.elapsed();
        }
        assert!(back.elapsed() < DEADLINE, "not ready");
        tokio::time::sleep(GLANCE).await;
    };
    let mut seen: BTreeMap<String, Vec<Frame>> = BTreeMap::new();
    let mut ended = 0;
    while ended < RUNS {
        let event = socket.next_event().await;
        let log = seen
            .entry(event.value["session_id"].as_str().unwrap().to_owned())
            .or_default();
        assert_eq!(
            event.seq(),
            log.last().map_or(0, Frame::seq) + 1,
            "{}",
            event.text
        );
        ended += usize::from(event.is_terminal());
        log.push(event);
    }
    println!(
        "ready after {} ms, all runs ended after {} ms",
        ready.as_millis(),
        back.elapsed().as_millis()
    );
    for (number, id) in ids.iter().enumerate() {
        let log = &seen[id];
        let end = log.last().unwrap();
        assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
        assert_eq!(end.data()["degraded"], false, "{}", end.text);
        let page = nora
            .get(&format!("/evaluations/{id}/events?limit=500"))
            .await
            .has(200);
        let frames: Vec<&str> = log.iter().map(|event| event.text.as_str()).collect();
        assert!(
            page.text
                .contains(&format!("\"events\":[{}]", frames.join(","))),
            "{id}"
        );
        let mark = format!("Shelf {number:04} holds maps.");
        assert_eq!(judge.questions(&mark).len(), 1, "nobody was asked twice");
    }
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let (answer, took) = timed(&door, nora.request(Method::GET, "/evaluations")).await;
        assert_eq!(
            answer.has(200).json()["items"].as_array().map(Vec::len),
            Some(20)
        );
        slowest = slowest.max(took);
    }
    println!(
        "afterwards the slowest of 20 lists took {} ms",
        slowest.as_millis()
    );
    assert!(slowest < PROMPT, "{slowest:?}");
    nora.audit(&spare).await;
    socket.close().await;
    server.finish().await;
}
