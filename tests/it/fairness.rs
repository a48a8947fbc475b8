//! One user does the worst that the limits allow; what others wait for it.

use std::time::Instant;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::Setup;

on_every_database!(
    small_audits_pass_the_worst_of_another_user,
    a_cancel_stops_what_is_computed,
    estimates_are_limited_by_user,
);

/// The longest source.
const SOURCE_CHARS: usize = 200_000;

/// Texts that the rules have most to do with, the output as long as it may be.
fn worst(source_chars: usize) -> serde_json::Value {
    let source =
        "Anna Berg of the mill near Harlow sold 1,200 sacks to Paul Keane in 1902, not 1,300. ";
    let candidate = "Anna Berg did not sell 1,300 sacks to Clara Boyd of Harlow in 1903. ";
    json!({
        "source_text": source.repeat(source_chars / source.len()),
        "candidate_output": candidate.repeat(50_000 / candidate.len()),
        "config": { "judges": ["facts", "logic", "lexical"] },
    })
}

async fn small_audits_pass_the_worst_of_another_user(setup: Setup) {
    const RUNS: usize = 8;
    const SMALL: usize = 5;
    let server = setup.start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    let worst = worst(SOURCE_CHARS);
    let ids = join_all((0..RUNS).map(|_| nora.create(&worst))).await;
    join_all(ids.iter().map(|id| nora.start(id))).await;
    let estimates = async {
        let paths: Vec<String> = ids
            .iter()
            .map(|id| format!("/evaluations/{id}/estimate"))
            .collect();
        let nothing = json!({});
        join_all(paths.iter().map(|path| nora.post(path, &nothing))).await;
        std::future::pending::<()>().await;
    };
    let small = async {
        let mut times = Vec::new();
        for _ in 0..SMALL {
            let id = ben.create_evaluation().await;
            let begun = Instant::now();
            ben.audit(&id).await;
            times.push(begun.elapsed());
        }
        let list = nora.get("/evaluations?status=in_progress&limit=100").await;
        (
            times,
            list.has(200).json()["items"].as_array().unwrap().len(),
        )
    };
    let (times, live) = tokio::select! {
        () = estimates => unreachable!("they are not waited for"),
        small = small => small,
    };
    println!(
        "small audits beside {RUNS} of the longest texts and their estimates: {times:?}; {live} of them still run"
    );
    assert!(
        live >= RUNS - 1,
        "the small audits waited for {} large ones",
        RUNS - live
    );
    for id in &ids {
        nora.delete(&format!("/evaluations/{id}")).await.has(204);
    }
    server.finish().await;
}

async fn a_cancel_stops_what_is_computed(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    // Its hundreds of claims are what is computed when the cancel comes, not its source.
    let id = nora.create(&worst(SOURCE_CHARS / 4)).await;
    let mut socket = nora.connect().await;
    socket.join(&id).await;
    nora.start(&id).await;
    // It verifies claims, of which there are hundreds.
    while socket.next_event().await.kind() != "claim_verdict" {}
    let begun = Instant::now();
    nora.cancel(&id).await.has(202);
    let last = socket.until_terminal().await.pop().unwrap();
    assert_eq!(last.kind(), "evaluation_cancelled", "{}", last.text);
    let told = begun.elapsed();
    // Nobody computes any more once the census says that no run is left.
    server.is_idle().await;
    println!("cancelled after {told:?}, idle after {:?}", begun.elapsed());
    socket.close().await;
    server.finish().await;
}

async fn estimates_are_limited_by_user(setup: Setup) {
    let server = setup.limit("estimates_per_minute", 2).start().await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);
    let (hers, his) = (
        nora.create_evaluation().await,
        ben.create_evaluation().await,
    );
    let nothing = json!({});
    let path = format!("/evaluations/{hers}/estimate");
    for _ in 0..2 {
        nora.post(&path, &nothing).await.has(200);
    }
    let refused = nora.post(&path, &nothing).await;
    refused.is_problem(429, "rate_limited");
    assert!(!refused.header("retry-after").is_empty());
    let path = format!("/evaluations/{his}/estimate");
    ben.post(&path, &nothing).await.has(200);
    server.finish().await;
}
