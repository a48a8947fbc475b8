//! Nodes are let in to NATS by a file of credentials.

use std::time::Instant;

use super::Fleet;
use super::nodes::{becomes, ready};
use crate::harness::{DEADLINE, GLANCE, Nats, Scrape, Setup};
use crate::samples;

/// The user of the file may publish and subscribe to what the how-to names, and to nothing else.
#[tokio::test]
async fn nodes_with_credentials_hear_each_other_and_a_stranger_hears_nobody() {
    let Some(nats) = Nats::start_with_accounts().await else {
        return;
    };
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let [own, strangers] = nats.credentials();
    let file = "AUDITOR_FLEET__NATS_CREDENTIALS_FILE";
    let setup = setup
        .set("AUDITOR_FLEET__BUS", &nats.url())
        .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
        .set(file, own.to_str().unwrap());
    let mut fleet = Fleet::of_one(setup).await;
    fleet.others.push(fleet.first.another_node());
    fleet.know_each_other().await;
    let hearing = "SELECT count(*) AS count FROM nodes WHERE NOT bus_deaf";
    fleet.until(hearing, 2).await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);
    let id = nora.create(&samples::evaluation_by(&["lexical"])).await;
    let mut watcher = at[1].connect().await;
    watcher.join(&id).await;
    at[0].start(&id).await;
    watcher.until_terminal().await;
    watcher.close().await;
    let heard = Scrape::of(fleet.node(1)).await;
    assert!(heard.value(r#"auditor_bus_heard_total{signal="stored"}"#) > 0.0);

    let variables = [(file, strangers.to_str().unwrap())];
    fleet.others.push(fleet.first.another_node_with(&variables));
    fleet.know_each_other().await;
    // Each is deaf at first; this one has tried for long enough to tell it.
    let begin = Instant::now();
    let told = "does not hear itself by NATS";
    while !fleet.node(2).printed().contains(told) {
        assert!(begin.elapsed() < DEADLINE, "{}", fleet.node(2).printed());
        tokio::time::sleep(GLANCE).await;
    }
    assert_eq!(fleet.count(hearing), 2);
    let at = fleet.everywhere(&nora);
    assert_eq!(ready(fleet.node(2)).await.has(200).json()["bus"], "deaf");
    let id = at[2].create(&samples::evaluation_by(&["lexical"])).await;
    at[2].start(&id).await;
    becomes(&at[0], &id, "completed", DEADLINE).await;
    let secrets = [own, strangers].map(|path| std::fs::read_to_string(path).unwrap());
    for node in 0..3 {
        let printed = fleet.node(node).printed();
        for line in secrets.iter().flat_map(|text| text.lines()) {
            let is_secret = line.len() > 50;
            assert!(!is_secret || !printed.contains(line), "{line}");
        }
    }
    fleet.finish().await;
}
