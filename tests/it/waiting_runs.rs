//! A start with a thousand live runs: the first goes on at once, the others in their turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::harness::{DEADLINE, Door, GLANCE, Manner, Person, ScriptedJudge, Setup};
use crate::samples;

on_every_database!(a_thousand_waiting_runs_are_taken_up_in_their_turn);

const RUNS: usize = 1000;

/// Places at work.
const PLACES: usize = 16;

/// The promise: the first run goes on so soon after the start.
const FIRST: Duration = Duration::from_secs(2);

/// Between two looks at what takes minutes: each look is work for the server, too.
const LOOK: Duration = Duration::from_millis(60);

/// How long the whole thousand may take, in a debug build beside other tests.
const ALL: Duration = Duration::from_secs(300);

/// Looks at `/healthz` until it is told to stop; the most runs that it saw.
fn watch_runs(door: &Arc<Door>) -> impl AsyncFnOnce() -> u64 + use<> {
    let (stop, most) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let (door, stopped, highest) = (Arc::clone(door), Arc::clone(&stop), Arc::clone(&most));
    let watching = tokio::spawn(async move {
        while !stopped.load(Ordering::SeqCst) {
            let health = door.health().await;
            let now = health["runs"]
                .as_u64()
                .unwrap()
                .max(health["rooms"].as_u64().unwrap());
            highest.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(LOOK).await;
        }
    });
    async move || {
        stop.store(true, Ordering::SeqCst);
        watching.await.unwrap();
        most.load(Ordering::SeqCst)
    }
}

async fn total(nora: &Person, status: &str) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let path = format!("/evaluations?status={status}&limit=100{cursor}");
        let page = nora.get(&path).await.has(200).json();
        count += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

/// Whether there is one of this status, which is asked again and again: less to read than their number.
async fn is_any(nora: &Person, status: &str) -> bool {
    let path = format!("/evaluations?status={status}&limit=1");
    let page = nora.get(&path).await.has(200).json();
    !page["items"].as_array().unwrap().is_empty()
}

async fn log_of(nora: &Person, id: &str) -> Vec<Value> {
    let page = nora
        .get(&format!("/evaluations/{id}/events?limit=500"))
        .await
        .has(200)
        .json();
    page["events"].as_array().unwrap().clone()
}

async fn a_thousand_waiting_runs_are_taken_up_in_their_turn(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Waits);
    let mut server = setup
        .file(
            &judge
                .configured("patient")
                .replace("timeout_ms", "max_concurrency = 64\ntimeout_ms"),
        )
        .set("AUDITOR_RUNS__MAX_CONCURRENT", &PLACES.to_string())
        .set("AUDITOR_RUNS__DEADLINE_MS", "3600000")
        .start()
        .await;
    let nora = server.register("nora").await;
    let body = json!({
        "source_text": samples::SOURCE, "candidate_output": "The building has seven floors.",
        "config": { "judges": ["patient"] }, "start": true,
    });
    let begin = Instant::now();
    let first = nora.create(&body).await;
    let others: Vec<String> = stream::iter(1..RUNS)
        .map(|_| nora.create(&body))
        .buffered(8)
        .collect()
        .await;
    println!(
        "{RUNS} runs started in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    let begin = Instant::now();
    while judge.asked() < PLACES {
        assert!(
            begin.elapsed() < DEADLINE,
            "the judge was asked {} times",
            judge.asked()
        );
        tokio::time::sleep(GLANCE).await;
    }
    let told = log_of(&nora, &first).await.len();
    server.kill();
    server.start_again();

    let begin = Instant::now();
    while log_of(&nora, &first).await.len() == told {
        assert!(begin.elapsed() < DEADLINE, "the oldest run does not go on");
        tokio::time::sleep(GLANCE).await;
    }
    let first_event = begin.elapsed();
    println!(
        "the first event of {RUNS} waiting runs came after {} ms",
        first_event.as_millis()
    );
    let most = watch_runs(server.door());
    assert!(first_event < FIRST, "{first_event:?}");
    while judge.asked() < 2 * PLACES {
        assert!(
            begin.elapsed() < DEADLINE,
            "the judge was asked {} times",
            judge.asked()
        );
        tokio::time::sleep(GLANCE).await;
    }
    assert_eq!(
        judge.asked(),
        2 * PLACES,
        "no more at work than there are places"
    );

    // Whoever asks for one that waits finds it live.
    let [cancelled, watched, deleted] = &others[RUNS - 4..] else {
        panic!()
    };
    nora.cancel(cancelled).await.has(202);
    let start = format!("/evaluations/{watched}/start");
    nora.post(&start, &json!({}))
        .await
        .is_problem(409, "evaluation_in_progress");
    let mut socket = nora.connect().await;
    assert_eq!(socket.join(watched).await["data"]["status"], "in_progress");
    let reply = socket
        .command("cancel_evaluation", json!({ "session_id": watched }))
        .await;
    assert_eq!(reply["type"], "evaluation_cancelling", "{reply}");
    let end = socket.until_terminal().await;
    assert_eq!(end.last().unwrap().kind(), "evaluation_cancelled");
    socket.close().await;
    nora.delete(&format!("/evaluations/{deleted}"))
        .await
        .has(204);

    judge.open();
    let begin = Instant::now();
    while is_any(&nora, "in_progress").await {
        assert!(
            begin.elapsed() < ALL,
            "{} still live",
            total(&nora, "in_progress").await
        );
        tokio::time::sleep(LOOK).await;
    }
    let most = most().await;
    println!(
        "all ended {:.1} s after the judge answered; at most {most} runs or rooms at once",
        begin.elapsed().as_secs_f64()
    );
    // The two that were cancelled are taken up out of turn, and a place is free before its room is gone.
    assert!(most <= 2 * PLACES as u64 + 2, "{most} at once");
    assert_eq!(total(&nora, "cancelled").await, 2);
    assert_eq!(total(&nora, "completed").await, RUNS - 3);
    nora.get(&format!("/evaluations/{deleted}"))
        .await
        .is_problem(404, "not_found");
    for id in others
        .iter()
        .take(RUNS - 4)
        .step_by(25)
        .chain([&first, cancelled])
    {
        let log = log_of(&nora, id).await;
        for (event, seq) in log.iter().zip(1..) {
            assert_eq!(event["seq"], seq);
        }
        let ends = log.iter().filter(|event| {
            ["evaluation_complete", "evaluation_cancelled"]
                .contains(&event["type"].as_str().unwrap())
        });
        assert_eq!(ends.count(), 1, "{id}");
    }
    server.finish().await;
}
