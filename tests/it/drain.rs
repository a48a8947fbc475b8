//! The end of a process on purpose: clients sent away over a window, runs left where they stand.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    DEADLINE, Frame, GLANCE, Knock, Manner, ScriptedJudge, Setup, Socket, text, until,
};
use crate::samples;

on_every_database!(
    clients_are_sent_away_over_the_window,
    what_a_draining_server_does_until_a_second_signal,
    a_request_in_flight_is_answered,
    live_and_waiting_runs_go_on_after_the_restart,
);

fn millis(frame: &Frame, key: &str) -> u64 {
    frame.data()[key]
        .as_u64()
        .unwrap_or_else(|| panic!("no {key}: {}", frame.text))
}

async fn clients_are_sent_away_over_the_window(setup: Setup) {
    const CLIENTS: u64 = 40;
    const WINDOW: u64 = 5000;
    let mut server = setup
        .limit("connections_per_user", 0)
        .set("AUDITOR_SERVER__DRAIN_MS", &WINDOW.to_string())
        .start()
        .await;
    let nora = server.register("nora").await;
    let sockets = join_all((0..CLIENTS).map(|_| nora.connect())).await;
    let begin = Instant::now();
    server.terminate();
    let told = join_all(sockets.into_iter().map(|mut socket| async move {
        let (frames, code) = socket.until_closed().await;
        let closed = u64::try_from(begin.elapsed().as_millis()).unwrap();
        assert_eq!(code, 1012);
        let drains: Vec<&Frame> = frames.iter().filter(|f| f.kind() == "drain").collect();
        let [drain] = drains.as_slice() else {
            panic!("told {} times", drains.len());
        };
        let after = millis(drain, "reconnect_after_ms");
        let deadline = millis(drain, "deadline_ms");
        assert!(after < deadline && deadline <= WINDOW, "{}", drain.text);
        assert!(
            closed >= deadline,
            "closed after {closed} ms: {}",
            drain.text
        );
        (after, closed - deadline)
    }))
    .await;
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());

    let late = told.iter().map(|(_, late)| late).max().unwrap();
    println!("{CLIENTS} clients, closed at most {late} ms after their deadline");
    let mut delays: Vec<u64> = told.iter().map(|(after, _)| *after).collect();
    delays.sort_unstable();
    assert!(delays[0] < WINDOW / 10, "{delays:?}");
    assert!(delays[delays.len() - 1] > WINDOW * 7 / 10, "{delays:?}");
    let even = (delays[delays.len() - 1] - delays[0]) / (CLIENTS - 1);
    for pair in delays.windows(2) {
        let gap = pair[1] - pair[0];
        assert!(
            gap * 2 > even && gap < even * 2,
            "a clump or a gap: {delays:?}"
        );
    }
}

async fn drain_notice(socket: &mut Socket) -> Frame {
    socket.next_of("drain").await
}

async fn what_a_draining_server_does_until_a_second_signal(setup: Setup) {
    const WINDOW: Duration = Duration::from_secs(600);
    let mut server = setup
        .set("AUDITOR_SERVER__DRAIN_MS", &WINDOW.as_millis().to_string())
        .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
        .start()
        .await;
    let door = server.door().clone();
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut stranger = Knock::at(&door).open().await;
    let (mut one, mut other) = (nora.connect().await, nora.connect().await);

    server.terminate();
    drain_notice(&mut one).await;
    drain_notice(&mut other).await;
    until(&server, "auditor_draining", 1.0).await;
    let (_, code) = stranger.until_closed().await;
    assert_eq!(
        code, 1012,
        "who has not said who it is need not be waited for"
    );

    let readiness = door.send(door.outside(Method::GET, "/readyz")).await;
    readiness.is_problem(503, "draining");
    door.send(door.outside(Method::GET, "/healthz"))
        .await
        .has(200);
    let refused = Knock::at(&door).bearer(&nora.access).refused().await;
    refused.is_problem(503, "draining");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);

    // What is there can be read, and what needs no run can be done.
    assert_eq!(nora.evaluation(&id).await["status"], "pending");
    assert_eq!(one.join(&id).await["type"], "session_joined");
    let kept = nora.create_evaluation().await;
    // A start would only be an evaluation that waits for the next process.
    let start = json!({ "client_request_id": "again" });
    let path = format!("/evaluations/{id}/start");
    let refused = nora.post(&path, &start).await;
    refused.is_problem(503, "draining");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    let mut at_once = samples::evaluation();
    at_once["start"] = json!(true);
    nora.post("/evaluations", &at_once)
        .await
        .is_problem(503, "draining");
    let error = one
        .refused("start_evaluation", json!({ "session_id": id }))
        .await;
    assert_eq!(error["code"], "draining");
    assert!(
        error["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0),
        "{error}"
    );
    let list = nora.get("/evaluations").await.has(200).json();
    let listed = list["items"].as_array().unwrap();
    assert_eq!(listed.len(), 2, "a refused start makes nothing: {list}");

    let begin = Instant::now();
    server.terminate();
    for socket in [&mut one, &mut other] {
        assert_eq!(socket.until_closed().await.1, 1012);
    }
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());
    println!("ended {:?} after the second signal", begin.elapsed());
    assert!(begin.elapsed() < WINDOW / 10);

    server.start_again();
    assert_eq!(nora.evaluation(&kept).await["status"], "pending");
    nora.post(&path, &start).await.has(202);
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    let events = socket.until_terminal().await;
    assert_eq!(events.last().unwrap().kind(), "evaluation_complete");
    socket.close().await;
    server.finish().await;
}

async fn a_request_in_flight_is_answered(setup: Setup) {
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    let address = server.door().address().replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let body = samples::evaluation().to_string();
    let (first, second) = body.as_bytes().split_at(body.len() / 2);
    let head = format!(
        "POST /api/v1/evaluations HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        nora.access,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(first).unwrap();
    // The server has taken up the request once a later one has gone all the way.
    nora.get("/auth/me").await.has(200);

    server.terminate();
    let begin = Instant::now();
    while !server.printed().contains("stopping") {
        assert!(begin.elapsed() < DEADLINE, "{}", server.printed());
        tokio::time::sleep(GLANCE).await;
    }
    stream.write_all(second).unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    });
    let answer = answer.await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());

    server.start_again();
    let list = nora.get("/evaluations").await.has(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    server.finish().await;
}

async fn live_and_waiting_runs_go_on_after_the_restart(setup: Setup) {
    const RUNS: usize = 5;
    const AT_WORK: usize = 2;
    let judge = ScriptedJudge::start(Manner::Hangs);
    let mut server = setup
        .file(&judge.configured("slow"))
        .set("AUDITOR_RUNS__MAX_CONCURRENT", &AT_WORK.to_string())
        .start()
        .await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let mut runs: BTreeMap<String, String> = BTreeMap::new();
    for _ in 0..RUNS {
        let id = nora
            .create(&samples::evaluation_by(&["lexical", "slow"]))
            .await;
        socket.join(&id).await;
        runs.insert(id.clone(), nora.start(&id).await);
    }
    let mut seen: BTreeMap<String, Vec<Frame>> = BTreeMap::new();
    let mut take = |frame: Frame| {
        let id = text(&frame.value["session_id"]);
        seen.entry(id).or_default().push(frame);
    };
    // Both at work have said what their quick judge found, and wait for the slow one.
    let mut found = 0;
    while found < AT_WORK {
        let event = socket.next_event().await;
        found += usize::from(event.kind() == "judge_result");
        take(event);
    }
    let begin = Instant::now();
    while judge.asked() < AT_WORK {
        assert!(begin.elapsed() < DEADLINE, "nobody asked the slow judge");
        tokio::time::sleep(GLANCE).await;
    }

    server.terminate();
    let (frames, code) = socket.until_closed().await;
    assert_eq!(code, 1012);
    frames
        .into_iter()
        .filter(|frame| frame.value["seq"].is_u64())
        .for_each(&mut take);
    assert_eq!(server.ended().await.code(), Some(0), "{}", server.printed());
    assert_eq!(
        judge.asked(),
        AT_WORK,
        "no run was begun that would not end"
    );
    assert!(seen.values().flatten().all(|frame| !frame.is_terminal()));

    judge.turns(Manner::Rates(4));
    server.start_again();
    let mut socket = nora.connect().await;
    for (id, frames) in &seen {
        let last = frames.last().unwrap();
        let joined = socket.resume(id, &last.value["epoch"], last.seq()).await;
        assert_eq!(joined["data"]["recovered"], true, "{joined}");
    }
    let mut ended = 0;
    while ended < RUNS {
        let event = socket.next_event().await;
        ended += usize::from(event.is_terminal());
        seen.get_mut(&text(&event.value["session_id"]))
            .unwrap()
            .push(event);
    }
    assert_eq!(judge.asked(), RUNS + AT_WORK);
    for (id, run) in &runs {
        check(&seen[id], run);
        let log = nora
            .get(&format!("/evaluations/{id}/events?limit=500"))
            .await
            .has(200);
        for frame in &seen[id] {
            assert!(
                log.text.contains(&frame.text),
                "not in the log: {}",
                frame.text
            );
        }
    }
    socket.close().await;
    server.finish().await;
}

/// A whole log: no hole, one run, every judge once, one end.
fn check(frames: &[Frame], run: &str) {
    for (frame, seq) in frames.iter().zip(1..) {
        assert_eq!(frame.seq(), seq, "a hole or a repeat: {}", frame.text);
        assert_eq!(frame.value["run_id"], run);
    }
    let (last, before) = frames.split_last().unwrap();
    assert_eq!(last.kind(), "evaluation_complete", "{}", last.text);
    assert!(before.iter().all(|frame| !frame.is_terminal()));
    let mut heard: Vec<&Value> = frames
        .iter()
        .filter(|frame| frame.kind() == "judge_result")
        .map(|frame| &frame.data()["judge_name"])
        .collect();
    heard.sort_unstable_by_key(ToString::to_string);
    assert_eq!(heard, [&json!("lexical"), &json!("slow")]);
}
