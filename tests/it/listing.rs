//! Lists: pages, filters, order; and the pages of an event log.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Person, Setup, text};
use crate::samples;

on_every_database!(
    pages_hold_everything_once_in_order,
    filters_choose,
    scores_order_and_bound_a_list,
    a_summary_has_previews,
    wrong_queries_are_refused,
    searches_of_a_user_are_limited,
    searches_that_read_much_keep_nobody_out,
    a_log_is_read_in_pages,
    the_last_page_of_every_list_names_no_next_one,
);

async fn ids(person: &Person, query: &str) -> Vec<String> {
    let list = person
        .get(&format!("/evaluations{query}"))
        .await
        .has(200)
        .json();
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(&item["id"]))
        .collect()
}

fn about(what: &str) -> Value {
    json!({ "source_text": format!("The {what} is green."), "candidate_output": "It is blue." })
}

async fn pages_hold_everything_once_in_order(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut made = Vec::new();
    for n in 0..7 {
        made.push(nora.create(&about(&format!("chair number {n}"))).await);
    }
    for (order, wanted) in [
        ("asc", made.clone()),
        ("desc", made.iter().rev().cloned().collect()),
    ] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let query = format!("?limit=3&sort=created_at&order={order}{cursor}");
            let list = nora
                .get(&format!("/evaluations{query}"))
                .await
                .has(200)
                .json();
            let items = list["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            found.extend(items.iter().map(|item| text(&item["id"])));
            match list["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, wanted, "{order}");
    }
    assert_eq!(
        ids(&nora, "").await,
        made.iter().rev().cloned().collect::<Vec<_>>(),
        "newest first"
    );
    server.finish().await;
}

async fn filters_choose(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let table = nora.create(&about("Table")).await;
    let percent = nora.create(&about("share of 100% wool_mix")).await;
    let ran = nora.create_evaluation().await;
    nora.audit(&ran).await;

    assert_eq!(
        ids(&nora, "?q=tABLE").await,
        [table.as_str()],
        "in any case, in the source"
    );
    assert_eq!(
        ids(&nora, "?q=seven%20floors").await,
        [ran.as_str()],
        "in the candidate"
    );
    assert_eq!(
        ids(&nora, "?q=100%25").await,
        [percent.as_str()],
        "no wildcard"
    );
    assert_eq!(
        ids(&nora, "?q=l_mix").await,
        [percent.as_str()],
        "no wildcard either"
    );
    assert_eq!(ids(&nora, "?q=w__l").await, [] as [&str; 0]);
    assert_eq!(ids(&nora, "?status=completed").await, [ran.as_str()]);
    let pending: BTreeSet<_> = ids(&nora, "?status=pending").await.into_iter().collect();
    assert_eq!(pending, BTreeSet::from([table.clone(), percent.clone()]));
    assert_eq!(ids(&nora, "?status=failed").await, [] as [&str; 0]);

    let border = text(&nora.evaluation(&ran).await["created_at"]);
    assert!(
        ids(&nora, &format!("?created_before={border}"))
            .await
            .contains(&table)
    );
    assert!(
        !ids(&nora, &format!("?created_after={border}"))
            .await
            .contains(&table)
    );
    assert_eq!(
        ids(&nora, "?created_after=2999-01-01T00:00:00.000Z").await,
        [] as [&str; 0]
    );
    server.finish().await;
}

async fn scores_order_and_bound_a_list(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let never_run = nora.create_evaluation().await;
    let mut scores = Vec::new();
    for candidate in [
        samples::SOURCE,
        samples::CANDIDATE,
        "Penguins won the chess cup in 1871.",
    ] {
        let body = json!({ "source_text": samples::SOURCE, "candidate_output": candidate });
        let id = nora.create(&body).await;
        let events = nora.audit(&id).await;
        let end = events.last().unwrap();
        assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
        scores.push((
            end.data()["result"]["consensus_score"].as_f64().unwrap(),
            id,
        ));
    }
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranked: Vec<&str> = scores.iter().map(|(_, id)| id.as_str()).collect();

    let listed = ids(&nora, "?sort=consensus_score&order=asc").await;
    let listed: Vec<&str> = listed
        .iter()
        .map(String::as_str)
        .filter(|id| *id != never_run)
        .collect();
    assert_eq!(listed, ranked);
    let best = scores[2].0;
    let high = ids(&nora, &format!("?min_score={}", best - 0.001)).await;
    assert!(
        high.contains(&scores[2].1) && !high.contains(&scores[0].1),
        "{high:?}"
    );
    let low = ids(&nora, &format!("?max_score={}", scores[0].0 + 0.001)).await;
    assert!(
        low.contains(&scores[0].1) && !low.contains(&scores[2].1),
        "{low:?}"
    );
    server.finish().await;
}

async fn a_summary_has_previews(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    nora.create(&json!({ "source_text": "ж".repeat(400), "candidate_output": "short" }))
        .await;
    let list = nora.get("/evaluations").await.has(200).json();
    let item = &list["items"][0];
    assert!(
        item.get("source_text").is_none() && item.get("candidate_output").is_none(),
        "{item}"
    );
    let strings: Vec<&str> = item
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_str)
        .collect();
    assert!(strings.contains(&"ж".repeat(160).as_str()), "{item}");
    assert!(strings.contains(&"short"), "{item}");
    server.finish().await;
}

async fn wrong_queries_are_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=many",
        "status=lost",
        "sort=colour",
        "order=sideways",
        "cursor=made-up",
        "created_after=yesterday",
    ] {
        nora.get(&format!("/evaluations?{query}"))
            .await
            .is_problem(422, "validation");
    }
    server.finish().await;
}

async fn searches_of_a_user_are_limited(setup: Setup) {
    let server = setup.limit("searches_per_minute", 2).start().await;
    let nora = server.register("nora").await;
    for _ in 0..2 {
        nora.get("/evaluations?q=stone").await.has(200);
    }
    nora.get("/evaluations?q=stone")
        .await
        .is_problem(429, "rate_limited");
    nora.get("/evaluations?q=").await.has(200);
    nora.get("/evaluations").await.has(200);
    server.finish().await;
}

/// As many searches at once as there are connections, over texts that a pattern takes quadratic time for.
async fn searches_that_read_much_keep_nobody_out(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let hostile = json!({
        "source_text": format!("{}baa", "a".repeat(199_997)),
        "candidate_output": "a".repeat(50_000),
    });
    for _ in 0..12 {
        nora.create(&hostile).await;
    }
    let begin = Instant::now();
    // Its n-grams are all there, and it is not: each text is read.
    let query = format!("/evaluations?q={}b{}", "a".repeat(500), "a".repeat(400));
    let searches = join_all((0..16).map(|_| nora.get(&query)));
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..50 {
            let asked = Instant::now();
            nora.get("/evaluations?limit=1").await.has(200);
            slowest = slowest.max(asked.elapsed());
        }
        slowest
    };
    let (answers, slowest) = tokio::join!(searches, others);
    for answer in answers {
        let page = answer.has(200).json();
        assert_eq!(page["items"], json!([]));
    }
    println!(
        "16 searches over 12 texts of 250,000 characters: {:?}; a list beside them: {slowest:?} at most",
        begin.elapsed()
    );
    server.finish().await;
}

async fn a_log_is_read_in_pages(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let empty = nora
        .get(&format!("/evaluations/{id}/events"))
        .await
        .has(200)
        .json();
    assert_eq!(
        (&empty["events"], &empty["last_seq"]),
        (&json!([]), &json!(0))
    );

    let live = nora.audit(&id).await;
    let mut read = Vec::new();
    loop {
        let after = read.len();
        let path = format!("/evaluations/{id}/events?after_seq={after}&limit=4");
        let page = nora.get(&path).await.has(200).json();
        assert_eq!(page["epoch"], live[0].value["epoch"]);
        let events = page["events"].as_array().unwrap();
        assert!(events.len() <= 4);
        if events.is_empty() {
            break;
        }
        read.extend(events.iter().cloned());
    }
    let live: Vec<Value> = live.into_iter().map(|event| event.value).collect();
    assert_eq!(read, live);
    for query in ["limit=0", "limit=501", "after_seq=-1"] {
        nora.get(&format!("/evaluations/{id}/events?{query}"))
            .await
            .is_problem(422, "validation");
    }
    server.finish().await;
}

/// Every list, with each number of items a page that leaves none, one or more on the last one.
async fn the_last_page_of_every_list_names_no_next_one(setup: Setup) {
    const ITEMS: usize = 4;
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let (mut evaluation, mut collection) = (String::new(), String::new());
    for n in 0..ITEMS {
        evaluation = nora.create(&about(&format!("chair {n}"))).await;
        let name = json!({ "name": format!("collection {n}") });
        let made = nora.post("/collections", &name).await.has(201).json();
        collection = text(&made["id"]);
    }
    for n in 0..ITEMS {
        let said = json!({ "score": n });
        let path = format!("/evaluations/{evaluation}/feedback");
        nora.post(&path, &said).await.has(201);
        let document = json!({ "name": format!("{n}.txt"), "text": "The chair is green." });
        let path = format!("/collections/{collection}/documents");
        nora.post(&path, &document).await.has(201);
    }
    let mut lists = vec![
        "/collections".to_owned(),
        format!("/collections/{collection}/documents"),
        format!("/evaluations/{evaluation}/feedback"),
        "/evaluations?q=chair".to_owned(),
    ];
    for sort in ["created_at", "consensus_score", "hallucination_score"] {
        for order in ["asc", "desc"] {
            lists.push(format!("/evaluations?sort={sort}&order={order}"));
        }
    }
    for list in lists {
        for limit in 1..=ITEMS + 1 {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            let mut pages = 0;
            loop {
                let joint = if list.contains('?') { '&' } else { '?' };
                let query = format!("{list}{joint}limit={limit}{cursor}");
                let page = nora.get(&query).await.has(200).json();
                pages += 1;
                let items = page["items"].as_array().unwrap();
                found.extend(items.iter().map(|item| text(&item["id"])));
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(pages, ITEMS.div_ceil(limit), "{list} by {limit}");
            let each: BTreeSet<_> = found.iter().collect();
            assert_eq!(
                (found.len(), each.len()),
                (ITEMS, ITEMS),
                "{list} by {limit}"
            );
        }
    }
    server.finish().await;
}
