//! PostgreSQL stops where it is: it takes every request and answers none, and then it goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;

use crate::database_away::{PROMPT, is_away, timed};
use crate::harness::{
    Cluster, DEADLINE, Frame, GLANCE, Manner, Person, ScriptedJudge, Server, Setup,
};
use crate::samples;

/// How long anybody waits at most to hear of it: the server's own limit, and a busy machine.
const SILENCE: Duration = Duration::from_secs(35 + 8);

/// How long a stop may take: the drain (1 s), the last requests (3 s), the record (3 s), the threads (1 s),
/// and a busy machine.
const STOP: Duration = Duration::from_secs(8 + 4);

async fn server(cluster: &Cluster, judge: &ScriptedJudge) -> Server {
    Setup::sqlite()
        .set("DATABASE_URL", &cluster.url())
        .file(&judge.configured("patient"))
        .start()
        .await
}

/// A run that is with its judge.
async fn run(of: &Person, judge: &ScriptedJudge) -> String {
    let id = of.create(&samples::evaluation_by(&["patient"])).await;
    of.start(&id).await;
    wait("the judge is asked", || judge.asked() > 0).await;
    id
}

async fn wait(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < DEADLINE, "in vain: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}

#[tokio::test]
async fn a_database_that_hangs_is_noticed_and_stops_nobody() {
    let Some(cluster) = Cluster::start_new() else {
        return;
    };
    let (judge, others) = (
        ScriptedJudge::start(Manner::Waits),
        ScriptedJudge::start(Manner::Waits),
    );
    let stays = server(&cluster, &judge).await;
    let mut ends = server(&cluster, &others).await;
    let door = Arc::clone(stays.door());
    let (nora, bob) = (stays.register("nora").await, ends.register("bob").await);
    let id = run(&nora, &judge).await;
    run(&bob, &others).await;

    cluster.freeze();
    // Both event logs have something to store.
    judge.open();
    others.open();
    let requests = || {
        [
            nora.request(Method::GET, &format!("/evaluations/{id}")),
            nora.request(Method::GET, "/evaluations"),
            nora.request(Method::POST, "/evaluations")
                .json(&samples::evaluation()),
            door.outside(Method::GET, "/readyz"),
        ]
    };
    for (limit, when) in [(SILENCE, "at first"), (PROMPT, "once it is known")] {
        let crowd = requests().into_iter().map(|request| timed(&door, request));
        let crowd = join_all(crowd).await;
        crowd.iter().for_each(|(answer, _)| is_away(answer));
        let slowest = crowd.iter().map(|(_, took)| *took).max().unwrap();
        println!("{when}: refused after {} ms", slowest.as_millis());
        assert!(slowest < limit, "{when}: {slowest:?}");
    }
    assert_eq!(door.health().await["status"], "ok");
    wait("the log says why", || {
        stays.printed().contains("it does not answer")
    })
    .await;

    // A stop does not wait for the threads that hang.
    // Its only thread at work is the one of the event log.
    wait("the other's log is stuck", || {
        ends.printed().contains("it does not answer")
    })
    .await;
    let begin = Instant::now();
    ends.terminate();
    let status = ends.ended().await;
    println!("stopped after {} ms", begin.elapsed().as_millis());
    assert!(status.success(), "{status}\n{}", ends.printed());
    assert!(begin.elapsed() < STOP, "{:?}", begin.elapsed());

    cluster.thaw();
    let begin = Instant::now();
    loop {
        let ready = door.send(door.outside(Method::GET, "/readyz")).await;
        if ready.status == 200 {
            break;
        }
        assert!(begin.elapsed() < DEADLINE, "not ready");
        tokio::time::sleep(GLANCE).await;
    }
    println!("ready after {} ms", begin.elapsed().as_millis());
    while nora.evaluation(&id).await["status"] != "completed" {
        assert!(begin.elapsed() < DEADLINE, "the run does not go on");
        tokio::time::sleep(GLANCE).await;
    }
    let log = nora
        .get(&format!("/evaluations/{id}/events?limit=500"))
        .await
        .has(200)
        .json();
    let events = log["events"].as_array().unwrap();
    for (event, seq) in events.iter().zip(1..) {
        assert_eq!(event["seq"], seq);
    }
    let end = Frame::of(&events.last().unwrap().to_string());
    assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
    assert_eq!(judge.asked(), 1, "its answer was kept");
    let list = nora.get("/evaluations").await.has(200).json();
    assert_eq!(
        list["items"].as_array().map(Vec::len),
        Some(1),
        "what was refused is not done later: {list}"
    );
    nora.audit(&nora.create_evaluation().await).await;
    stays.finish().await;
}
