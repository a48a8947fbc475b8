//! Coming back: from a position, from a wrong one, from too far behind.

use serde_json::{Value, json};

use crate::harness::{Frame, Setup, Socket};

on_every_database!(
    a_client_that_comes_back_misses_and_repeats_nothing,
    the_seam_between_replay_and_live_has_no_hole,
    a_wrong_position_is_not_replayed,
    too_far_behind_reads_the_state_by_rest,
    the_beginning_needs_no_epoch,
    a_client_that_vanishes_while_it_joins_leaves_nothing_behind,
);

async fn a_client_that_comes_back_misses_and_repeats_nothing(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    let epoch = socket.join(&id).await["data"]["epoch"].clone();
    nora.start(&id).await;
    let mut seen: Vec<Frame> = Vec::new();
    // Two events a connection, until the run is over.
    loop {
        for _ in 0..2 {
            seen.push(socket.next_event().await);
            if seen.last().unwrap().is_terminal() {
                break;
            }
        }
        if seen.last().unwrap().is_terminal() {
            break;
        }
        // Gone without a word.
        drop(socket);
        socket = nora.connect().await;
        let joined = socket.resume(&id, &epoch, seen.last().unwrap().seq()).await;
        assert_eq!(joined["data"]["recovered"], true, "{joined}");
        assert_eq!(joined["data"]["epoch"], epoch);
    }
    for (event, seq) in seen.iter().zip(1..) {
        assert_eq!(event.seq(), seq, "{}", event.text);
    }
    let log = nora
        .get(&format!("/evaluations/{id}/events?limit=500"))
        .await
        .has(200)
        .json();
    let seen: Vec<Value> = seen.into_iter().map(|event| event.value).collect();
    assert_eq!(log["events"], json!(seen));
    socket.close().await;
    server.finish().await;
}

async fn the_seam_between_replay_and_live_has_no_hole(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    // Watchers that join in the midst of several runs, each at another moment.
    let mut watchers: Vec<Socket> = Vec::new();
    let mut first = nora.connect().await;
    first.join(&id).await;
    let mut last = 0;
    for _ in 0..3 {
        nora.start(&id).await;
        loop {
            let event = first.next_event().await;
            last = event.seq();
            if last % 4 == 1 && watchers.len() < 12 {
                let mut watcher = nora.connect().await;
                watcher.join(&id).await;
                watchers.push(watcher);
            }
            if event.is_terminal() {
                break;
            }
        }
    }
    assert!(watchers.len() > 3);
    for mut watcher in watchers {
        for seq in 1..=last {
            assert_eq!(watcher.next_event().await.seq(), seq);
        }
        watcher.close().await;
    }
    first.close().await;
    server.finish().await;
}

async fn a_wrong_position_is_not_replayed(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let epoch = events[0].value["epoch"].clone();
    let last = events.last().unwrap().seq();
    let other = json!(uuid::Uuid::now_v7().to_string());
    for (epoch, position, reason) in [
        (&other, 1, "epoch_mismatch"),
        (&other, 0, "epoch_mismatch"),
        (&epoch, last + 1, "future_position"),
        (&epoch, last + 1000, "future_position"),
    ] {
        let mut socket = nora.connect().await;
        let joined = socket.resume(&id, epoch, position).await;
        let data = &joined["data"];
        assert_eq!(
            (&data["recovered"], &data["reason"]),
            (&json!(false), &json!(reason)),
            "{joined}"
        );
        assert_eq!(data["last_seq"], last);
        // Nothing is replayed: the next frame is the reply to this.
        socket.send_text(r#"{"type":"ping","id":"next"}"#).await;
        assert_eq!(socket.next_frame().await.value["id"], "next");
        socket.close().await;
    }
    let mut socket = nora.connect().await;
    let joined = socket.resume(&id, &epoch, last).await;
    assert_eq!(
        joined["data"]["recovered"], true,
        "nothing missed is recovered, too: {joined}"
    );
    let error = socket
        .refused("join_session", json!({ "session_id": id, "last_seq": 1 }))
        .await;
    assert_eq!(error["code"], "validation", "a position without its epoch");
    socket.close().await;
    server.finish().await;
}

async fn too_far_behind_reads_the_state_by_rest(setup: Setup) {
    let server = setup.limit("replay_events", 3).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    nora.start(&id).await;
    let events = socket.until_terminal().await;
    socket.close().await;
    let (epoch, last) = (&events[0].value["epoch"], events.last().unwrap().seq());

    let mut socket = nora.connect().await;
    let joined = socket.resume(&id, epoch, last - 4).await;
    assert_eq!(joined["data"]["recovered"], false, "{joined}");
    assert_eq!(joined["data"]["reason"], "too_far_behind", "{joined}");

    // It has read by REST what is too far behind, and joins again from there, on the same connection.
    let joined = socket.resume(&id, epoch, last - 3).await;
    assert_eq!(
        joined["data"]["recovered"], true,
        "exactly as many as are replayed: {joined}"
    );
    for event in &events[events.len() - 3..] {
        assert_eq!(socket.next_event().await.text, event.text);
    }
    // From now on it misses nothing, so that another join only answers with the position.
    let joined = socket.resume(&id, epoch, last - 3).await;
    assert_eq!(joined["data"]["recovered"], false, "{joined}");
    assert_eq!(joined["data"]["reason"], Value::Null, "{joined}");
    socket.send_text(r#"{"type":"ping","id":"next"}"#).await;
    assert_eq!(socket.next_frame().await.value["id"], "next");
    socket.close().await;

    let state = nora.evaluation(&id).await;
    let mut socket = nora.connect().await;
    let position = state["last_seq"].as_u64().unwrap();
    let joined = socket.resume(&id, &state["epoch"], position).await;
    assert_eq!(joined["data"]["recovered"], true, "{joined}");
    socket.close().await;
    server.finish().await;
}

async fn the_beginning_needs_no_epoch(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let events = nora.audit(&id).await;
    let mut socket = nora.connect().await;
    let joined = socket.join(&id).await;
    assert_eq!(joined["data"]["recovered"], true, "{joined}");
    assert_eq!(joined["data"]["status"], "completed");
    for event in &events {
        assert_eq!(socket.next_event().await.text, event.text);
    }
    socket.close().await;
    server.finish().await;
}

/// The harness looks at the end for rooms and connections that are left over.
async fn a_client_that_vanishes_while_it_joins_leaves_nothing_behind(setup: Setup) {
    let setup = setup.limit("connections_per_minute", 0);
    let server = setup.limit("connections_per_user", 0).start().await;
    let nora = server.register("nora").await;
    for _ in 0..10 {
        let id = nora.create_evaluation().await;
        for _ in 0..5 {
            let mut socket = nora.connect().await;
            let join =
                json!({ "type": "join_session", "data": { "session_id": id, "last_seq": 0 } });
            socket.send_text(&join.to_string()).await;
            drop(socket);
        }
    }
    server.finish().await;
}
