//! What all nodes may use together: on a server only, since a file has one process.

use std::time::Duration;

use super::changes::{claim, report};
use super::journal::{append, started};
use crate::domain::ids::ApiKeyId;
use crate::domain::report::{JudgeStatus, Usage};
use crate::domain::run::Change;
use crate::store::fleet::claims::{self, Offer};
use crate::store::fleet::grants::{self, Claimant, DayLimit, Raised, Sum};
use crate::store::fleet::nodes;
use crate::store::fleet::presence::{self, Counted};
use crate::store::fleet::rates::{self, Taking};
use crate::store::testing::{at, postgres};
use crate::store::usage::day;
use crate::store::{StoreError, new_id};

const MINUTE: Duration = Duration::from_secs(60);

fn taking(key: &str, step: Duration) -> Taking {
    Taking {
        key: key.to_owned(),
        step,
        window: MINUTE,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_allowance_is_used_once_however_many_take_at_once() {
    let Some(store) = postgres() else { return };
    // Ten a minute: a tenth of a minute each.
    let take = |key: &'static str| {
        let store = (*store).clone();
        async move {
            let one = taking(key, MINUTE / 10);
            store
                .write(move |db| rates::take(db, &[one]))
                .await
                .unwrap()
        }
    };
    let outcomes = futures_util::future::join_all((0..25).map(|_| take("a"))).await;
    let taken = outcomes.iter().filter(|one| one.is_none()).count();
    // A slow machine gets one more for each six seconds.
    assert!((10..=12).contains(&taken), "{taken}");
    let waits: Vec<Duration> = outcomes.into_iter().flatten().collect();
    assert!(waits.iter().all(|wait| *wait <= MINUTE / 10), "{waits:?}");
    assert_eq!(take("b").await, None, "each key has its own");

    // Both or none.
    let both = vec![
        taking("requests", MINUTE / 100),
        taking("tokens", MINUTE * 2 / 3),
    ];
    let twice = both.clone();
    assert_eq!(
        store.write(move |db| rates::take(db, &twice)).await,
        Ok(None)
    );
    let twice = both.clone();
    let wait = store
        .write(move |db| rates::take(db, &twice))
        .await
        .unwrap();
    assert!(
        wait.is_some_and(|wait| wait > Duration::from_secs(15)),
        "{wait:?}"
    );
    let requests = taking("requests", MINUTE * 98 / 100);
    let left = store.write(move |db| rates::take(db, &[requests])).await;
    assert_eq!(left, Ok(None), "what was refused took nothing");
    store
        .write(move |db| rates::give_back(db, &both))
        .await
        .unwrap();
    let all = taking("tokens", MINUTE * 99 / 100);
    assert_eq!(
        store.write(move |db| rates::take(db, &[all])).await,
        Ok(None)
    );

    // The server's clock was set back by an hour.
    store
        .sql("UPDATE fleet_rates SET tat = tat + 3600000000")
        .await;
    assert_eq!(take("a").await, None);
    // What is whole again is forgotten.
    store.sql("UPDATE fleet_rates SET tat = 1").await;
    assert_eq!(store.write(rates::sweep).await, Ok(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_here_is_seen_elsewhere_and_goes_with_its_node() {
    let Some(store) = postgres() else { return };
    let (first, second) = (store.node().await, store.node().await);
    let (user, session) = (Counted::Connections(new_id()), Counted::Members(new_id()));
    let write = |node, shares: Vec<(Counted, usize)>| {
        store.write(move |db| presence::write(db, node, &shares))
    };
    let elsewhere = |node| store.read(move |db| presence::elsewhere(db, node, &[session, user]));
    write(first, vec![(user, 3), (session, 1)]).await.unwrap();
    write(second, vec![(user, 2)]).await.unwrap();
    assert_eq!(elsewhere(first).await, Ok(vec![0, 2]));
    assert_eq!(elsewhere(second).await, Ok(vec![1, 3]));
    write(first, vec![(user, 1), (session, 0)]).await.unwrap();
    assert_eq!(elsewhere(second).await, Ok(vec![0, 1]));
    assert_eq!(store.read(move |db| presence::rows(db, first)).await, Ok(1));
    store
        .write(move |db| presence::hold(db, &[user, session]))
        .await
        .unwrap();
    let buried = store.write(move |db| nodes::bury(db, first, 0)).await;
    assert_eq!(buried, Ok(Some(0)));
    assert_eq!(elsewhere(second).await, Ok(vec![0, 0]));
    let late = write(first, vec![(user, 1)]).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_is_granted_once_and_what_is_reported_leaves_the_grant() {
    let Some(store) = postgres() else { return };
    let ada = store.account("ada").await;
    let today = day(at(100));
    let (first, second) = (started(&store, ada.id).await, started(&store, ada.id).await);
    let ask = |(session, run), fence, tokens| {
        let claimant = Claimant {
            user: ada.id,
            session,
            run,
            fence,
            day: today.clone(),
            of_user: DayLimit {
                tokens: Some(1000),
                usd: None,
            },
            of_key: None,
            of_all: DayLimit::default(),
        };
        let more = Sum { tokens, usd: 0.0 };
        store.write(move |db| grants::raise(db, &claimant, more))
    };
    assert_eq!(ask(first, 1, 300).await, Ok(Raised::Granted));
    let asks = (0..8).map(|_| ask(second, 1, 300));
    let outcomes = futures_util::future::join_all(asks).await;
    let granted = outcomes.iter().filter(|one| **one == Ok(Raised::Granted));
    assert_eq!(granted.count(), 2, "{outcomes:?}");
    let over = |used, granted| {
        Ok(Raised::OverUser {
            used: Sum {
                tokens: used,
                usd: 0.0,
            },
            granted: Sum {
                tokens: granted,
                usd: 0.0,
            },
        })
    };
    assert_eq!(ask(first, 1, 101).await, over(0, 900));
    assert_eq!(ask(first, 2, 1).await, Ok(Raised::Fenced), "not its owner");

    // 250 of what the first was granted are used.
    let claim = claim(0, "It is long.");
    let mut reported = report("paid", JudgeStatus::Completed, &claim);
    reported.usage = Some(Usage {
        prompt_tokens: 200,
        completion_tokens: 50,
        cost_usd: None,
    });
    let mut step = append(first.0, first.1, 0, 1);
    step.changes = vec![
        Change::Claims(vec![claim]),
        Change::Report(Box::new(reported)),
    ];
    store.journal().append(step).await.unwrap();
    assert_eq!(ask(second, 1, 101).await, over(250, 650));
    assert_eq!(ask(second, 1, 100).await, Ok(Raised::Granted));

    // A new owner begins anew: what the one before was granted and has not reported was not heard of.
    let node = store.node().await;
    let offer = Offer {
        places: 8,
        ending: 8,
        started_by: None,
    };
    let taken = store
        .write(move |db| claims::take(db, node, at(2), offer))
        .await;
    assert_eq!(taken.unwrap().runs.len(), 2);
    assert_eq!(ask(second, 1, 1).await, Ok(Raised::Fenced));
    let Ok(Raised::OverUser { granted, .. }) = ask(first, 2, 10_000).await else {
        panic!("more than there is");
    };
    let of_second = granted.tokens;
    assert_eq!(ask(first, 2, 750 - of_second).await, Ok(Raised::Granted));
    assert!(matches!(
        ask(first, 2, 1).await,
        Ok(Raised::OverUser { .. })
    ));
    // What has ended holds nothing.
    store
        .sql("UPDATE evaluation_sessions SET status = 'completed', owner = NULL")
        .await;
    assert_eq!(store.write(grants::sweep).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_key_starts_is_granted_its_own_day() {
    let Some(store) = postgres() else { return };
    let ada = store.account("ada").await;
    let today = day(at(100));
    let key = new_id();
    let (of_key, other) = (started(&store, ada.id).await, started(&store, ada.id).await);
    store
        .sql(&format!(
            "UPDATE evaluation_runs SET api_key_id = '{key}' WHERE id = '{}'",
            of_key.1
        ))
        .await;
    let ask = |(session, run), key: Option<ApiKeyId>, tokens| {
        let limit = |tokens| DayLimit {
            tokens: Some(tokens),
            usd: None,
        };
        let claimant = Claimant {
            user: ada.id,
            session,
            run,
            fence: 1,
            day: today.clone(),
            of_user: limit(1000),
            of_key: key.map(|key| (key, limit(500))),
            of_all: DayLimit::default(),
        };
        let more = Sum { tokens, usd: 0.0 };
        store.write(move |db| grants::raise(db, &claimant, more))
    };
    // What the user's other runs are granted is none of the key's.
    assert_eq!(ask(other, None, 450).await, Ok(Raised::Granted));
    assert_eq!(ask(of_key, Some(key), 400).await, Ok(Raised::Granted));
    let over = Raised::OverKey {
        used: Sum::default(),
        granted: Sum {
            tokens: 400,
            usd: 0.0,
        },
    };
    assert_eq!(ask(of_key, Some(key), 101).await, Ok(over));
    assert_eq!(ask(of_key, Some(key), 100).await, Ok(Raised::Granted));
    // A check is told what is granted, of which nothing is used yet.
    let granted = |day: String, user, key| {
        store.read(move |db| {
            let granted = grants::granted(db, &day, user, key)?;
            let of = [granted.of_user, granted.of_key, granted.of_all];
            Ok(of.map(|sum| sum.tokens))
        })
    };
    let (ben, stranger) = (new_id(), new_id());
    for (user, key, sums) in [
        (ada.id, Some(key), [950, 500, 950]),
        (ada.id, None, [950, 0, 950]),
        (ben, Some(stranger), [0, 0, 950]),
    ] {
        assert_eq!(granted(today.clone(), user, key).await, Ok(sums));
    }
    let tomorrow = granted("2999-01-01".to_owned(), ada.id, Some(key)).await;
    assert_eq!(tomorrow, Ok([0, 0, 0]));
    // The user's day bounds it all the same.
    let asked = ask(of_key, Some(new_id()), 100).await;
    assert!(matches!(asked, Ok(Raised::OverUser { .. })), "{asked:?}");
}

#[tokio::test]
async fn a_busy_node_takes_only_what_has_waited() {
    let Some(store) = postgres() else { return };
    let ada = store.account("ada").await;
    started(&store, ada.id).await;
    let node = store.node().await;
    let take = |second| {
        let offer = Offer {
            places: 8,
            ending: 8,
            started_by: Some(at(second)),
        };
        store.write(move |db| claims::take(db, node, at(3), offer))
    };
    // It was started in the first second.
    let early = take(0).await.unwrap();
    assert_eq!((early.runs.len(), early.waiting), (0, true));
    assert_eq!(take(1).await.unwrap().runs.len(), 1);
}
