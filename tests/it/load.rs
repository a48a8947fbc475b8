//! Many runs at once. Figures are printed; what is tested is that every run is told to its end.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::Setup;

on_every_database!(a_hundred_runs_at_once_are_all_told_to_their_end);

const RUNS: usize = 100;

async fn a_hundred_runs_at_once_are_all_told_to_their_end(setup: Setup) {
    let kind = if std::thread::current()
        .name()
        .is_some_and(|name| name.contains("postgres"))
    {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let setup = setup
        .limit("sessions_per_connection", 0)
        .limit("commands_per_second", 0)
        .limit("connections_per_user", 0);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let made = (0..RUNS).map(|_| nora.create_evaluation());
    let ids = join_all(made).await;
    let mut socket = nora.connect().await;
    for id in &ids {
        assert_eq!(socket.join(id).await["type"], "session_joined");
    }

    let begin = Instant::now();
    let starts = ids.iter().map(|id| nora.start(id));
    let (_, events) = tokio::join!(join_all(starts), async {
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        let (mut ended, mut events) = (0, 0);
        while ended < RUNS {
            let event = socket.next_event().await;
            let session = event.value["session_id"].as_str().unwrap().to_owned();
            let position = last.entry(session).or_default();
            *position += 1;
            assert_eq!(event.seq(), *position, "a hole or a repeat: {}", event.text);
            events += 1;
            if event.is_terminal() {
                assert_eq!(event.kind(), "evaluation_complete", "{}", event.text);
                ended += 1;
            }
        }
        events
    });
    let seconds = begin.elapsed().as_secs_f64();
    let rate = f64::from(events) / seconds;
    println!("{kind}: {RUNS} runs, {events} events in {seconds:.2} s, {rate:.0} events/s");

    let list = nora
        .get("/evaluations?status=completed&limit=100")
        .await
        .has(200)
        .json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(RUNS));
    assert_eq!(list["next_cursor"], json!(null));
    socket.close().await;
    server.finish().await;
}
