//! The event log is partitioned by month while nodes work, and its months come and go.

use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::nodes::{becomes, log_of};
use super::{Fleet, file_of};
use crate::harness::{
    DEADLINE, GLANCE, Manner, Person, ScriptedJudge, Server, Setup, change, until,
};
use crate::samples;

/// On a thread of its own: the nodes' clients go on meanwhile.
async fn operate(server: &Server, arguments: &[&str]) -> Output {
    let mut command = server.beside(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    output.await.unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Starts runs at one node until it is told to stop, and watches each at the next node. What was seen of each.
async fn load(
    starter: Person,
    watcher: Person,
    over: Arc<AtomicBool>,
) -> Vec<(String, Vec<String>)> {
    let mut watched = Vec::new();
    while !over.load(Ordering::SeqCst) {
        let id = starter
            .create(&samples::evaluation_by(&["lexical", "paid"]))
            .await;
        let mut socket = watcher.connect().await;
        socket.join(&id).await;
        starter.start(&id).await;
        watched.push(tokio::spawn(async move {
            let seen = socket.until_terminal().await;
            socket.close().await;
            (id, seen.into_iter().map(|event| event.text).collect())
        }));
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    let seen = futures_util::future::join_all(watched).await;
    seen.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn the_log_is_partitioned_while_three_nodes_work() {
    let judge = ScriptedJudge::start(Manner::Takes(Duration::from_millis(150)));
    let file = file_of(&[("paid", &judge)]);
    let Some(mut fleet) = Fleet::start(3, |setup| setup.file(&file)).await else {
        return;
    };
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let early = nora.create_evaluation().await;
    nora.audit(&early).await;
    let log = log_of(&nora, &early).await;
    let over = Arc::new(AtomicBool::new(false));
    let loads: Vec<_> = (0..3)
        .map(|node| {
            let (starter, watcher) = (at[node].clone(), at[(node + 1) % 3].clone());
            tokio::spawn(load(starter, watcher, Arc::clone(&over)))
        })
        .collect();
    judge.until_asked(20).await;
    let partitions =
        "SELECT count(*) AS count FROM pg_inherits WHERE inhparent = 'session_events'::regclass";
    let dry = said(&operate(&fleet.first, &["partition-events", "--dry-run"]).await);
    assert!(
        dry.contains("it would become the partition of everything before"),
        "{dry}"
    );
    assert_eq!(fleet.count(partitions), 0);
    let done = said(&operate(&fleet.first, &["partition-events"]).await);
    println!("{done}");
    assert!(
        done.contains("it is the partition of everything before"),
        "{done}"
    );
    let made = fleet.count(partitions);
    assert!(made >= 4, "{made}");
    let again = said(&operate(&fleet.first, &["partition-events"]).await);
    assert!(
        again.contains("partitioned already: there is nothing to do"),
        "{again}"
    );
    assert_eq!(fleet.count(partitions), made);
    judge.until_asked(judge.asked() + 20).await;
    over.store(true, Ordering::SeqCst);

    let mut runs = 0;
    for load in loads {
        for (id, seen) in load.await.unwrap() {
            // What was seen live is the log, at any node: nothing lacks, nothing is doubled.
            for person in &at {
                let page = person
                    .get(&format!("/evaluations/{id}/events?limit=500"))
                    .await;
                let events = format!("\"events\":[{}]", seen.join(","));
                assert!(page.has(200).text.contains(&events), "{id}");
            }
            let seqs = seen.iter().map(|text| {
                let event: Value = serde_json::from_str(text).unwrap();
                event["seq"].as_i64().unwrap()
            });
            assert!(seqs.eq(1..=seen.len() as i64), "{seen:?}");
            becomes(&nora, &id, "completed", DEADLINE).await;
            runs += 1;
        }
    }
    println!("{runs} runs were at work meanwhile");
    assert_eq!(judge.asked(), runs, "no judge was asked twice");
    assert_eq!(log_of(&at[2], &early).await, log, "what was there before");

    // What is deleted goes, wherever it is.
    at[1]
        .delete(&format!("/evaluations/{early}"))
        .await
        .has(204);
    let left = format!("SELECT count(*) AS count FROM session_events WHERE session_id = '{early}'");
    fleet.until(&left, 0).await;
    let output = operate(&fleet.first, &["users", "remove", "nora", "--yes"]).await;
    assert!(output.status.success(), "{output:?}");
    fleet
        .until("SELECT count(*) AS count FROM session_events", 0)
        .await;

    // A month that is not there is made by whoever starts.
    let last = "SELECT max(inhrelid::regclass::text) FROM pg_inherits \
                WHERE inhparent = 'session_events'::regclass AND inhrelid::regclass::text ~ '[0-9]$'";
    fleet.change(&format!(
        "DO $$ BEGIN EXECUTE format('DROP TABLE %s', ({last})); END $$"
    ));
    assert_eq!(fleet.count(partitions), made - 1);
    fleet.node_mut(1).terminate();
    assert!(fleet.node_mut(1).ended().await.success());
    fleet.node_mut(1).start_again();
    fleet.until(partitions, made).await;
    fleet.finish().await;
}

/// As the log would be that was partitioned two months ago, with this evaluation from the time of before.
fn two_months_later(database: &str, id: &str, old: &str) {
    change(
        database,
        &format!(
            "SET session_replication_role = replica; SET TIME ZONE 'UTC'; \
             ALTER TABLE session_events DETACH PARTITION session_events_before; \
             CREATE TEMPORARY TABLE moved AS SELECT * FROM session_events_before; \
             TRUNCATE session_events_before; \
             DO $$ DECLARE \
                 months timestamp[] := ARRAY[date_trunc('month', now() - interval '70 days')]; \
                 month timestamp := months[1]; name text; lowest text; following text; \
             BEGIN \
                 FOR step IN 0..3 LOOP \
                     month := months[1] + step * interval '1 month'; \
                     name := 'session_events_' || to_char(month, 'YYYY_MM'); \
                     lowest := lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0'); \
                     following := lpad(to_hex((extract(epoch FROM month + interval '1 month') * 1000)::bigint), 12, '0'); \
                     IF step = 0 THEN \
                         EXECUTE format('ALTER TABLE session_events ATTACH PARTITION session_events_before \
                             FOR VALUES FROM (MINVALUE) TO (%L)', overlay(lowest PLACING '-' FROM 9 FOR 0) || '-0000-0000-000000000000'); \
                     END IF; \
                     IF to_regclass(name) IS NULL THEN \
                         EXECUTE format('CREATE TABLE %I (LIKE session_events INCLUDING ALL)', name); \
                         EXECUTE format('ALTER TABLE session_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, \
                             overlay(lowest PLACING '-' FROM 9 FOR 0) || '-0000-0000-000000000000', \
                             overlay(following PLACING '-' FROM 9 FOR 0) || '-0000-0000-000000000000'); \
                     END IF; \
                 END LOOP; \
                 FOR name IN SELECT table_name FROM information_schema.columns \
                     WHERE column_name = 'session_id' AND table_schema = 'public' ORDER BY table_name LOOP \
                     EXECUTE format('UPDATE %I SET session_id = %L WHERE session_id = %L', name, '{old}', '{id}'); \
                 END LOOP; \
                 INSERT INTO session_events SELECT '{old}', seq, kind, ts, frame FROM moved; \
                 UPDATE evaluation_sessions SET id = '{old}', created_at = now() - interval '70 days', \
                     completed_at = now() - interval '70 days' WHERE id = '{id}'; \
             END $$"
        ),
    );
}

#[tokio::test]
async fn an_old_month_is_dropped_and_its_results_stay() {
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let setup = setup
        .set("AUDITOR_RETENTION__EVENTS_DAYS", "30")
        .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0");
    let mut server = setup.start().await;
    let nora = server.register("nora").await;
    said(&operate(&server, &["partition-events"]).await);
    // Before there is any event that belongs to a month of its own then.
    let (id, young) = (
        nora.create_evaluation().await,
        nora.create_evaluation().await,
    );
    nora.audit(&id).await;
    let before = nora.evaluation(&id).await;
    server.terminate();
    server.ended().await;
    let made = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .saturating_sub(Duration::from_secs(70 * 86_400));
    let random = uuid::Uuid::now_v7().as_u128() & ((1 << 80) - 1);
    let old = uuid::Uuid::from_u128(made.as_millis() << 80 | random).to_string();
    let database = server.database();
    two_months_later(&database, &id, &old);
    let count = |what: &str| {
        use diesel::prelude::*;

        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let mut database = PgConnection::establish(&database).unwrap();
        let row: Count = diesel::sql_query(what).get_result(&mut database).unwrap();
        row.count
    };
    let table = "SELECT count(*) AS count FROM pg_class WHERE relname = 'session_events_' || \
                 to_char(now() - interval '70 days', 'YYYY_MM')";
    let rows = format!(
        "SELECT count(*) AS count FROM session_events WHERE session_id = '{old}' \
         AND tableoid <> 'session_events_before'::regclass AND tableoid <> 'session_events_default'::regclass"
    );
    assert_eq!(count(table), 1);
    assert_eq!(count(&rows), before["last_seq"].as_i64().unwrap());
    server.start_again();
    let nora = server.login("nora").await;
    let begin = Instant::now();
    while count(table) > 0 {
        assert!(begin.elapsed() < DEADLINE, "{}", server.printed());
        tokio::time::sleep(GLANCE).await;
    }
    let months = "SELECT count(*) AS count FROM pg_inherits \
                  WHERE inhparent = 'session_events'::regclass AND inhrelid::regclass::text ~ '[0-9]$'";
    until(&server, "auditor_event_months", count(months) as f64).await;
    let scrape = until(&server, "auditor_event_months_ahead", 3.0).await;
    // What came before the first month may have gone, too.
    assert!(scrape.value("auditor_event_months_dropped_total") >= 1.0);
    let after = nora.evaluation(&old).await;
    assert_eq!(after["result"], before["result"]);
    assert_eq!(after["last_seq"], before["last_seq"]);
    assert_eq!(log_of(&nora, &old).await, Vec::<Value>::new());
    let mut socket = nora.connect().await;
    let joined = socket.resume(&old, &after["epoch"], 0).await;
    assert_eq!(joined["data"]["reason"], "too_far_behind", "{joined}");
    nora.start(&old).await;
    let next = socket.next_event().await;
    assert_eq!(next.seq(), after["last_seq"].as_u64().unwrap() + 1);
    socket.until_terminal().await;
    socket.close().await;
    nora.audit(&young).await;
    assert_eq!(log_of(&nora, &young).await[0]["seq"], json!(1));
    server.finish().await;
}

#[tokio::test]
async fn a_file_has_nothing_to_partition() {
    let server = Setup::sqlite().start().await;
    let output = operate(&server, &["partition-events"]).await;
    assert!(
        said(&output).contains("there is nothing to do"),
        "{output:?}"
    );
    server.finish().await;
}
