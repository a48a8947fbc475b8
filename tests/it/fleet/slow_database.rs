//! A node that reaches its database, but slowly.

use std::time::{Duration, Instant};

use super::nodes::{WHO, becomes, log_of, ready};
use super::{Fleet, file_of};
use crate::harness::{DEADLINE, Frame, GLANCE, Manner, Relay, ScriptedJudge, Setup};
use crate::samples;

/// Of each statement. A sign of life has about eight.
const SLOW: Duration = Duration::from_millis(60);

/// So that a sign of life takes longer than the others' patience.
const TOO_SLOW: Duration = Duration::from_millis(1200);

#[tokio::test]
async fn a_node_with_a_slow_database_works_and_one_with_a_very_slow_database_harms_nobody() {
    let judge = ScriptedJudge::start(Manner::Waits);
    let file = file_of(&[("slow", &judge)]);
    let Some(setup) = Setup::postgres() else {
        return;
    };
    let setup = setup.file(&file).set("AUDITOR_RUNS__MAX_CONCURRENT", "1");
    let mut fleet = Fleet::of_one(setup).await;
    let (to_database, through) = Relay::before(&fleet.first.database());
    let variables = [("DATABASE_URL", through.as_str())];
    fleet.others.push(fleet.first.another_node_with(&variables));
    fleet.others.push(fleet.first.another_node());
    fleet.know_each_other().await;
    let nora = fleet.first.register("nora").await;
    let at = fleet.everywhere(&nora);

    let who = fleet.count(WHO);
    to_database.delay(SLOW);
    let beats = "SELECT min(beat) AS count FROM nodes";
    let enough = fleet.count(beats) + 6;
    let id = at[1].create(&samples::evaluation_by(&["lexical"])).await;
    at[1].start(&id).await;
    becomes(&at[1], &id, "completed", DEADLINE).await;
    let begin = Instant::now();
    while fleet.count(beats) < enough {
        assert!(begin.elapsed() < DEADLINE, "it does not beat");
        tokio::time::sleep(GLANCE).await;
    }
    assert_eq!(fleet.count(WHO), who, "it was taken for dead");
    to_database.pass();

    // One run at each node.
    let mut ids = Vec::new();
    for person in &at {
        let id = person.create(&samples::evaluation_by(&["slow"])).await;
        person.start(&id).await;
        ids.push(id);
        judge.until_asked(ids.len()).await;
    }
    let slow = ids.iter().find(|id| fleet.owner_of(id) == Some(1));
    let slow = slow.expect("each has a place").clone();
    let mut watching = Vec::new();
    for node in [1, 0] {
        let mut socket = at[node].connect().await;
        socket.join(&slow).await;
        // Read all the time: a socket that answers no ping is closed.
        watching.push(tokio::spawn(async move {
            let seen = socket.until_terminal().await;
            socket.close().await;
            seen
        }));
    }
    let (here, there) = (watching.pop().unwrap(), watching.pop().unwrap());
    to_database.delay(TOO_SLOW);
    // It is found dead. The others have no place for its run, which waits.
    let deaths = format!("SELECT orphaned AS count FROM evaluation_sessions WHERE id = '{slow}'");
    fleet.until(&deaths, 4).await;
    let refused = ready(fleet.node(1)).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    // It comes back as another node, and is found dead again: no run is in its hands by then.
    let nodes = "SELECT count(*) AS count FROM nodes";
    fleet.until(nodes, 3).await;
    fleet.until(nodes, 2).await;
    assert_eq!(fleet.count(&deaths), 4, "it has taken the run once more");
    judge.open();
    let seen = here.await.unwrap();
    assert_eq!(seen.last().unwrap().kind(), "evaluation_complete");
    to_database.pass();
    let rest = there.await.unwrap();
    let texts = |events: &[Frame]| -> Vec<String> {
        events.iter().map(|event| event.text.clone()).collect()
    };
    assert_eq!(texts(&rest), texts(&seen));
    assert_eq!(log_of(&at[0], &slow).await.len(), seen.len());
    for id in &ids {
        becomes(&at[0], id, "completed", DEADLINE).await;
    }
    assert_eq!(judge.asked(), 4, "one of them again, by its second owner");
    // It is a node again.
    fleet
        .until("SELECT count(*) AS count FROM nodes WHERE beat > 2", 3)
        .await;
    let begin = Instant::now();
    while ready(fleet.node(1)).await.status != 200 {
        assert!(begin.elapsed() < DEADLINE, "it is not ready");
        tokio::time::sleep(GLANCE).await;
    }
    fleet.finish().await;
}
