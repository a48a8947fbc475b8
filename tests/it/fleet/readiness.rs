//! What a node says of itself, and what whoever operates the nodes is shown of all.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::nodes::{WHO, becomes, ready};
use super::{Fleet, file_of};
use crate::harness::{
    DEADLINE, GLANCE, Manner, Scrape, ScriptedJudge, Server, Setup, change, text, until,
};
use crate::samples;

/// Waits until a node is ready, or says why it is not.
async fn says(server: &Server, why: Option<&str>) {
    let begin = Instant::now();
    loop {
        let answer = ready(server).await;
        let is_so = match why {
            None => answer.status == 200,
            Some(why) => answer.status == 503 && text(&answer.json()["detail"]).contains(why),
        };
        if is_so {
            return;
        }
        assert!(begin.elapsed() < DEADLINE, "not {why:?}: {}", answer.text);
        tokio::time::sleep(GLANCE).await;
    }
}

/// The database's clock, as its nodes see it: they ask for it by a name that is looked up in this schema first.
fn clock_ahead_by(seconds: i32) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION skewed.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE \
         AS 'SELECT pg_catalog.clock_timestamp() + interval ''{seconds} seconds'''"
    )
}

#[tokio::test]
async fn a_clock_that_differs_from_the_databases_is_told_and_moves_no_run() {
    let slow = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &slow)]);
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let database = setup.database();
    change(
        &database,
        &format!(
            "CREATE SCHEMA skewed; {}; DO $$ BEGIN EXECUTE format( \
             'ALTER DATABASE %I SET search_path = public, skewed, pg_catalog', current_database()); END $$",
            clock_ahead_by(0)
        ),
    );
    let measured = |setup: Setup| {
        setup
            .file(&file)
            .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
    };
    let mut fleet = Fleet::of_one(measured(setup)).await;
    for _ in 0..2 {
        fleet.others.push(fleet.first.another_node());
    }
    fleet.know_each_other().await;
    let who = fleet.count(WHO);
    let nora = fleet.first.register("nora").await;
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    nora.start(&id).await;
    slow.until_asked(1).await;
    let wrong = "this machine's clock differs from the database's by more than 30 s";
    for (ahead, why) in [
        (20, None),
        (40, Some(wrong)),
        (0, None),
        (-40, Some(wrong)),
        (-20, None),
    ] {
        change(&database, &clock_ahead_by(ahead));
        // Seen by each node with its next sign of life.
        for node in 0..3 {
            let begin = Instant::now();
            loop {
                let scrape = Scrape::of(fleet.node(node)).await;
                let skew = scrape.value("auditor_fleet_clock_skew_seconds");
                if (skew + f64::from(ahead)).abs() < 5.0 {
                    break;
                }
                assert!(begin.elapsed() < DEADLINE, "{skew} s, not {}", -ahead);
                tokio::time::sleep(GLANCE).await;
            }
            says(fleet.node(node), why).await;
        }
    }
    let told = fleet.first.printed();
    assert_eq!(
        told.matches("serves nobody until it is right").count(),
        2,
        "{told}"
    );
    slow.open();
    becomes(&nora, &id, "completed", DEADLINE).await;
    assert_eq!(slow.asked(), 1, "it stayed where it was");
    assert_eq!(fleet.count(WHO), who, "nobody was taken for dead");
    fleet.finish().await;
}

/// Its sign of life waits for a row, while all else of it works.
#[tokio::test]
async fn a_node_that_can_not_show_that_it_works_says_so_and_begins_nothing() {
    let quick = ScriptedJudge::start(Manner::Rates(4));
    let file = file_of(&[("quick", &quick)]);
    let setup = |setup: Setup| {
        setup
            .file(&file)
            .set("AUDITOR_FLEET__PATIENCE_MS", "60000")
            .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
    };
    let Some(fleet) = Fleet::start(3, setup).await else {
        return;
    };
    let who = fleet.count(WHO);
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let mut holder = PgConnection::establish(&fleet.first.database()).unwrap();
    let address = fleet.door(1).address();
    let (_, port) = address.rsplit_once(':').unwrap();
    holder
        .batch_execute(&format!(
            "BEGIN; SELECT FROM nodes WHERE name LIKE '%:{port}' FOR NO KEY UPDATE"
        ))
        .unwrap();
    says(
        fleet.node(1),
        Some("this node can't show the others that it works"),
    )
    .await;
    let age = Scrape::of(fleet.node(1)).await;
    assert!(age.value("auditor_fleet_beat_age_seconds") >= 5.0);
    // What is started there is worked on elsewhere.
    let id = at[1].create(&samples::evaluation_by(&["quick"])).await;
    at[1].start(&id).await;
    becomes(&at[0], &id, "completed", DEADLINE).await;
    let scrape = Scrape::of(fleet.node(1)).await;
    scrape.says(&[
        ("auditor_runs_left_to_others_total", 1.0),
        (r#"auditor_runs_claimed_total{kind="due"}"#, 0.0),
    ]);
    holder.batch_execute("COMMIT").unwrap();
    says(fleet.node(1), None).await;
    assert_eq!(fleet.count(WHO), who);
    fleet.finish().await;
}

#[tokio::test]
async fn the_table_of_nodes_shows_who_works_stops_is_silent_and_differs() {
    let slow = ScriptedJudge::start(Manner::Hangs);
    let file = file_of(&[("slow", &slow)]);
    let setup = |setup: Setup| {
        setup
            .file(&file)
            .set("AUDITOR_FLEET__PATIENCE_MS", "60000")
            .set("AUDITOR_SERVER__DRAIN_MS", "60000")
            .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
    };
    let Some(mut fleet) = Fleet::start(3, setup).await else {
        return;
    };
    let different = [
        ("AUDITOR_RUNS__MAX_CONCURRENT", "3"),
        (
            "AUDITOR_JWT_SECRET",
            "a secret that only one node has, by mistake",
        ),
        ("AUDITOR_FLEET__NAME", "the new one"),
    ];
    fleet.others.push(fleet.first.another_node_with(&different));
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["slow"])).await;
    at[0].start(&id).await;
    slow.until_asked(1).await;
    let owner = fleet.owner_of(&id).unwrap();
    assert_eq!(owner, 0, "nobody is less busy");
    // Whoever stops waits for this one.
    let socket = at[1].connect().await;
    fleet.node(1).terminate();
    fleet.node(2).pause(true);
    until(&fleet.first, "auditor_fleet_nodes_taking_runs", 3.0).await;
    until(&fleet.first, "auditor_fleet_nodes_otherwise", 1.0).await;
    until(&fleet.first, "auditor_fleet_nodes", 4.0).await;

    let mut command = fleet.first.beside(&["nodes"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    println!("{table}");
    let line = |node: usize| {
        let address = fleet.door(node).address();
        let (_, port) = address.rsplit_once(':').unwrap();
        let name = match node {
            3 => "the new one".to_owned(),
            _ => format!(":{port} "),
        };
        let found = table.lines().find(|line| line.contains(&name));
        found.unwrap_or_else(|| panic!("no {name}\n{table}"))
    };
    assert!(line(0).contains("  works  "), "{table}");
    assert!(line(0).contains(" 1 of "), "{table}");
    assert!(line(1).contains("  stopping  "), "{table}");
    assert!(line(2).contains("  silent  "), "{table}");
    assert!(line(3).contains("  works  "), "{table}");
    assert!(line(3).contains(" 0 of 3 "), "{table}");
    assert!(
        line(3).ends_with("key of access tokens, settings"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 5, "{table}");

    let warned = fleet.first.printed();
    assert!(
        warned.contains("the nodes differ in the key of access tokens, and settings"),
        "{warned}"
    );
    fleet.node(2).pause(false);
    drop(socket);
    let status = fleet.node_mut(1).ended().await;
    assert!(status.success(), "{status}");
    at[0].cancel(&id).await.has(202);
    becomes(&at[0], &id, "cancelled", Duration::from_secs(10)).await;
    fleet.finish().await;
}

/// A bus that can be reached and takes nothing is a fault that lasts: it is told once, not every second. So is one that
/// takes all and passes nothing on, with what to do.
#[tokio::test]
async fn a_bus_that_fails_or_passes_nothing_on_is_told_once() {
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let database = setup.database();
    let breaks = "CREATE SCHEMA broken; \
        CREATE FUNCTION broken.pg_notify(text, text) RETURNS void LANGUAGE plpgsql \
        AS 'BEGIN RAISE ''no notices today''; END'; \
        DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, broken, pg_catalog', \
        current_database()); END $$";
    change(&database, breaks);
    let mut fleet = Fleet::of_one(setup).await;
    fleet.others.push(fleet.first.another_node());
    fleet.know_each_other().await;
    let beats = "SELECT min(beat) AS count FROM nodes";
    // So that it has tried again several times.
    let begin = Instant::now();
    while fleet.count(beats) < 6 {
        assert!(begin.elapsed() < DEADLINE, "they do not beat");
        tokio::time::sleep(GLANCE).await;
    }
    let told = |what: &str| fleet.first.printed().matches(what).count();
    assert_eq!(told("nothing is heard of other nodes"), 1);
    assert!(fleet.first.printed().contains("no notices today"));

    // As behind a pooler that takes LISTEN, and passes nothing on.
    let by = |statement: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION broken.pg_notify(text, text) RETURNS void LANGUAGE sql AS '{statement}'"
        )
    };
    change(&database, &by("SELECT"));
    let begin = Instant::now();
    while told("this node does not hear its own notices: a pooler such as PgBouncer") == 0 {
        assert!(begin.elapsed() < DEADLINE, "{}", fleet.first.printed());
        tokio::time::sleep(GLANCE).await;
    }
    assert_eq!(ready(&fleet.first).await.has(200).json()["bus"], "deaf");

    change(&database, &by("SELECT pg_catalog.pg_notify($1, $2)"));
    let hearing = "SELECT count(*) AS count FROM nodes WHERE NOT bus_deaf";
    fleet.until(hearing, 2).await;
    assert_eq!(told("nothing is heard of other nodes"), 1);
    assert_eq!(told("other nodes are heard again"), 1);
    fleet.finish().await;
}
