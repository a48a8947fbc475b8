//! Who works on a run: each run has one owner, and who is no longer one can write nothing.

use super::changes::{claim, report, step};
use super::journal::{append, started};
use super::on_both;
use crate::domain::event::CancelReason;
use crate::domain::ids::NodeId;
use crate::domain::report::{JudgeStatus, Usage};
use crate::domain::run::{Change, Status};
use crate::store::fleet::claims::{self, DIED_IN_PLACE, POISON, SUSPECT, Stopping};
use crate::store::fleet::nodes::{self, Load};
use crate::store::fleet::tail::Tail;
use crate::store::journal::AppendError;
use crate::store::runs::{self, NewRun};
use crate::store::testing::{self, TestStore, at, new_node, offer};
use crate::store::{Store, StoreError, StoreSettings, evaluations, new_id, restore};
use diesel::prelude::*;

async fn take(store: &Store, node: NodeId, places: usize) -> claims::Claims {
    let take = store.write(move |db| claims::take(db, node, at(2), offer(places, 8)));
    take.await.unwrap()
}

on_both!(who_is_no_longer_the_owner_can_append_nothing, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let journal = store.journal();
    journal.append(append(session, run, 0, 2)).await.unwrap();
    let node = store.node().await;
    let claimed = take(store, node, 8).await.runs;
    assert_eq!((claimed[0].run, claimed[0].fence), (run, 2));
    assert_eq!(
        journal.append(append(session, run, 2, 1)).await,
        Err(AppendError::Fenced)
    );
    // What had landed before the change of owner is recognised, so that it may be shown.
    assert_eq!(journal.append(append(session, run, 0, 2)).await, Ok(()));
    let mut by_owner = append(session, run, 2, 1);
    by_owner.fence = 2;
    assert_eq!(journal.append(by_owner).await, Ok(()));
});

on_both!(of_several_nodes_each_run_has_one, |store| {
    let ada = store.account("ada").await;
    let mut waiting = Vec::new();
    for _ in 0..40 {
        waiting.push(started(store, ada.id).await.0);
    }
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let (store, node) = ((**store).clone(), store.node().await);
        tasks.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            loop {
                let claims = take(&store, node, 3).await;
                assert!(claims.runs.len() <= 3);
                if claims.runs.is_empty() && !claims.waiting {
                    return taken;
                }
                taken.extend(claims.runs.into_iter().map(|run| run.session));
            }
        }));
    }
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.await.unwrap());
    }
    taken.sort_unstable();
    assert_eq!(taken, waiting, "each once");
});

on_both!(a_run_whose_time_is_over_needs_no_place, |store| {
    let ada = store.account("ada").await;
    let (session, _) = started(store, ada.id).await;
    let node = store.node().await;
    assert_eq!(take(store, node, 0).await.runs, []);
    // The deadline of `testing::config` is a minute.
    let late = store.write(move |db| claims::take(db, node, at(62), offer(0, 8)));
    let late = late.await.unwrap();
    assert_eq!(late.runs.len(), 1);
    assert!(late.runs[0].only_to_end && late.runs[0].session == session);
});

on_both!(
    a_dead_node_is_buried_once_and_can_do_nothing_any_more,
    |store| {
        let ada = store.account("ada").await;
        let (dead, other) = (store.node().await, store.node().await);
        let (session, run) = started(store, ada.id).await;
        let idle = store.evaluation(ada.id, 0).await;
        assert_eq!(take(store, dead, 8).await.runs.len(), 1);
        let beat = |node, load| store.write(move |db| nodes::beat(db, node, load));
        assert_eq!(beat(dead, Load::default()).await, Ok(true));
        let bury = |beat| store.write(move |db| nodes::bury(db, dead, beat));
        assert_eq!(bury(0).await, Ok(None), "it has beaten since");
        let buried = futures_util::future::join_all((0..8).map(|_| bury(1))).await;
        let ones: Vec<_> = buried.into_iter().filter(|one| *one != Ok(None)).collect();
        assert_eq!(ones, [Ok(Some(1))], "one does it");

        assert_eq!(beat(dead, Load::default()).await, Ok(false));
        let new = NewRun {
            id: new_id(),
            client_request_id: None,
            started_at: at(1),
            node: Some(dead),
            api_key: None,
        };
        let user = ada.id;
        let start = store.write(move |db| runs::begin(db, user, idle, &new));
        assert!(matches!(start.await, Err(StoreError::Unavailable(_))));
        let mut stale = append(session, run, 0, 1);
        stale.fence = 2;
        let journal = store.journal();
        assert_eq!(journal.append(stale).await, Err(AppendError::Fenced));

        let again = take(store, other, 8).await.runs;
        assert_eq!((again.len(), again[0].run, again[0].fence), (1, run, 4));
        let all = store.read(nodes::all).await.unwrap();
        assert_eq!(all.iter().map(|node| node.id).collect::<Vec<_>>(), [other]);
    }
);

on_both!(who_leaves_gives_its_runs_back, |store| {
    let ada = store.account("ada").await;
    let (first, second) = (store.node().await, store.node().await);
    let (session, run) = started(store, ada.id).await;
    assert_eq!(take(store, first, 8).await.runs.len(), 1);
    assert_eq!(take(store, second, 8).await.runs, [], "it has an owner");
    let left = store.write(move |db| nodes::leave(db, first));
    assert_eq!(left.await, Ok(1));
    assert_eq!(take(store, second, 8).await.runs[0].run, run);
    // Whoever comes into the same place takes the runs of the one before.
    let third = new_node();
    let id = third.id;
    let entered = store.write(move |db| nodes::enter(db, &third, Some(second)));
    entered.await.unwrap();
    let owned = store.read(move |db| claims::owned(db, second)).await;
    assert_eq!(owned, Ok(Vec::new()));
    let taken = take(store, id, 8).await.runs[0];
    assert_eq!(taken.run, run);
    let owned = store.read(move |db| claims::owned(db, id));
    let own = claims::Owned {
        session,
        user: ada.id,
        fence: taken.fence,
    };
    assert_eq!(owned.await, Ok(vec![own]));
    // What is claimed and not begun.
    let release = |fence| store.write(move |db| claims::release(db, id, [(session, fence)], 0));
    assert_eq!(release(taken.fence - 1).await, Ok(0), "another owner's");
    assert_eq!(release(taken.fence).await, Ok(1));
    assert_eq!(take(store, id, 8).await.runs[0].fence, taken.fence + 2);
});

on_both!(
    a_node_that_dies_again_and_again_in_one_place_suspects_its_runs,
    |store| {
        let ada = store.account("ada").await;
        let mut runs = Vec::new();
        for _ in 0..2 {
            runs.push(started(store, ada.id).await);
        }
        let orphaned = |(session, run)| async move {
            let loaded = store.read(move |db| runs::load(db, session, run, at(3)));
            loaded.await.unwrap().unwrap().orphaned
        };
        let mut before = store.node().await;
        assert_eq!(take(store, before, 8).await.runs.len(), 2);
        let mut against = 0;
        while against < POISON {
            let next = new_node();
            let id = next.id;
            let enter = store.write(move |db| nodes::enter(db, &next, Some(before)));
            enter.await.unwrap();
            against += DIED_IN_PLACE;
            let taken = take(store, id, 8).await;
            let (all, one) = (2, 1);
            let expected = if against < SUSPECT { all } else { one };
            assert_eq!(taken.runs.len(), expected, "after {against}");
            before = id;
        }
        assert_eq!(orphaned(runs[0]).await, POISON);
        assert_eq!(orphaned(runs[1]).await, SUSPECT, "it was spared");
        // One that comes further is none that kills.
        let (session, run) = runs[0];
        let last = store.read(move |db| runs::load(db, session, run, at(3)));
        let mut fact = step(session, run, 0, vec![Change::Claims(vec![claim(0, "c")])]);
        fact.fence = last.await.unwrap().unwrap().fence;
        store.journal().append(fact).await.unwrap();
        assert_eq!(orphaned(runs[0]).await, 0);
    }
);

#[tokio::test]
async fn only_the_connections_of_a_node_that_stands_still_are_ended() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let row = new_node();
    let (node, name) = (row.id, row.application_name.clone());
    store
        .write(move |db| nodes::insert(db, &row))
        .await
        .unwrap();
    let other = Store::open(&StoreSettings {
        url: store.url.clone(),
        pool_size: 1,
        application_name: name.clone(),
        ..StoreSettings::default()
    });
    let other = other.unwrap();
    other.ping().await.unwrap();
    let end = |beat| {
        let name = name.clone();
        store.write(move |db| nodes::end_connections(db, node, &name, beat))
    };
    assert_eq!(end(1).await, Ok(0), "it has beaten since");
    assert!(end(0).await.unwrap() > 0);
}

/// It beats over the connection by which it buries.
#[tokio::test]
async fn whoever_buries_waits_for_no_row_for_long() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await;
    started(&store, ada.id).await;
    let dead = store.node().await;
    assert_eq!(take(&store, dead, 8).await.runs.len(), 1);
    let mut holder = PgConnection::establish(&store.url).unwrap();
    for statement in ["BEGIN", "UPDATE evaluation_sessions SET stored_bytes = 0"] {
        diesel::sql_query(statement).execute(&mut holder).unwrap();
    }
    let begin = std::time::Instant::now();
    let bury = || store.write_sign_of_life(move |db| nodes::bury(db, dead, 0));
    let refused = bury().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(begin.elapsed().as_secs() < 4, "{:?}", begin.elapsed());
    diesel::sql_query("ROLLBACK").execute(&mut holder).unwrap();
    assert_eq!(bury().await, Ok(Some(1)));
}

on_both!(a_wish_to_end_a_run_reaches_its_owner, |store| {
    let ada = store.account("ada").await;
    let (own, other) = (store.node().await, store.node().await);
    let (session, run) = started(store, ada.id).await;
    let stop = |node, reason| {
        let user = ada.id;
        store.write(move |db| claims::stop(db, user, session, reason, node))
    };
    let bob = store.account("bob").await;
    let foreign = store.write(move |db| claims::stop(db, bob.id, session, CancelReason::User, own));
    assert_eq!(foreign.await, Ok(None));
    // Nobody's: whoever is asked takes it.
    let stopping = |is_own| Stopping {
        run,
        is_own,
        fence: 2,
    };
    assert_eq!(
        stop(own, CancelReason::User).await,
        Ok(Some(stopping(true)))
    );
    // Another's: its owner finds it, with the first reason.
    assert_eq!(
        stop(other, CancelReason::Deleted).await,
        Ok(Some(stopping(false)))
    );
    let wishes = store.read(move |db| claims::to_stop(db, own)).await;
    assert_eq!(wishes, Ok(vec![(session, ada.id, CancelReason::User)]));
    let none = store.read(move |db| claims::to_stop(db, other)).await;
    assert_eq!(none, Ok(Vec::new()));
    let loaded = store.read(move |db| runs::load(db, session, run, at(3)));
    let loaded = loaded.await.unwrap().unwrap();
    assert_eq!((loaded.stop, loaded.fence), (Some(CancelReason::User), 2));
});

on_both!(a_run_that_its_owner_does_not_end_is_taken_once, |store| {
    let ada = store.account("ada").await;
    let (own, other) = (store.node().await, store.node().await);
    let (session, run) = started(store, ada.id).await;
    assert_eq!(take(store, own, 8).await.runs.len(), 1);
    let still = |fence| store.read(move |db| claims::is_still_to_stop(db, session, fence));
    let take_over = |fence| store.write(move |db| claims::take_over(db, session, fence, other));
    assert_eq!(take_over(2).await, Ok(None), "nobody wants it to end");
    assert_eq!(still(2).await, Ok(false));
    let user = ada.id;
    let stop = store.write(move |db| claims::stop(db, user, session, CancelReason::User, other));
    assert_eq!(stop.await.unwrap().unwrap().fence, 2);
    assert_eq!(still(2).await, Ok(true));
    assert_eq!(take_over(1).await, Ok(None), "somebody else has it");
    assert_eq!(take_over(2).await, Ok(Some(3)));
    assert_eq!((still(2).await, still(3).await), (Ok(false), Ok(true)));
    assert_eq!(take_over(2).await, Ok(None));
    let journal = store.journal();
    let mut late = append(session, run, 0, 2);
    late.fence = 2;
    assert_eq!(journal.append(late).await, Err(AppendError::Fenced));
});

on_both!(a_new_fact_shows_that_a_run_is_no_poison, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let orphaned = || async {
        let loaded = store.read(move |db| runs::load(db, session, run, at(3)));
        loaded.await.unwrap().unwrap().orphaned
    };
    store
        .sql(&format!(
            "UPDATE evaluation_sessions SET orphaned = {POISON}"
        ))
        .await;
    let journal = store.journal();
    journal.append(append(session, run, 0, 1)).await.unwrap();
    assert_eq!(orphaned().await, POISON, "an event alone is none");
    let fact = step(session, run, 1, vec![Change::Claims(vec![claim(0, "c")])]);
    journal.append(fact).await.unwrap();
    assert_eq!(orphaned().await, 0);
});

/// A file has one process, whose end is no sign of what its runs do.
#[tokio::test]
async fn a_node_has_one_run_at_a_time_that_may_kill_it() {
    let Some(store) = testing::postgres() else {
        return;
    };
    let ada = store.account("ada").await;
    for _ in 0..3 {
        started(&store, ada.id).await;
    }
    store
        .sql(&format!(
            "UPDATE evaluation_sessions SET orphaned = {SUSPECT}"
        ))
        .await;
    let (sound, _) = started(&store, ada.id).await;
    let (first, second) = (store.node().await, store.node().await);
    let taken = take(&store, first, 8).await.runs;
    assert_eq!(taken.len(), 2);
    assert!(taken.iter().any(|run| run.session == sound));
    let none = take(&store, first, 8).await;
    assert!(none.runs.is_empty() && none.waiting);
    assert_eq!(take(&store, second, 8).await.runs.len(), 1);
}

on_both!(a_look_finds_what_others_have_written, |store| {
    let ada = store.account("ada").await;
    let (session, run) = started(store, ada.id).await;
    let (other, _) = started(store, ada.id).await;
    let journal = store.journal();
    journal.append(append(session, run, 0, 5)).await.unwrap();
    let tail = Tail::start((**store).clone());
    let (found, quiet, nothing) = tokio::join!(
        tail.look(session, 2),
        tail.look(other, 0),
        tail.look(new_id(), 0)
    );
    let found = found.unwrap().unwrap();
    let seqs: Vec<i64> = found.frames.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, [3, 4, 5]);
    let stored = store.read(move |db| crate::store::journal::read(db, session, 2, 10, 1 << 20));
    assert_eq!(found.frames, stored.await.unwrap(), "the same bytes");
    assert_eq!(
        (
            found.last_seq,
            found.status,
            found.fence,
            found.epoch.as_str()
        ),
        (5, Status::InProgress, 1, "first")
    );
    assert_eq!(quiet.unwrap().unwrap().frames, []);
    assert_eq!(nothing, Ok(None));
    let user = ada.id;
    let deleted = store.write(move |db| evaluations::delete(db, user, session));
    assert_eq!(deleted.await, Ok(true));
    assert_eq!(tail.look(session, 2).await, Ok(None), "it is out of sight");
});

async fn counter(store: &TestStore, query: &'static str) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let read = store.read(move |db| Ok(diesel::sql_query(query).get_result::<Count>(db)?.count));
    read.await.unwrap()
}

/// Each in an order of its own: unsorted, they would wait for each other in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_add_to_the_same_users_days_never_deadlock() {
    const NODES: usize = 3;
    const USERS: usize = 12;
    const REPORTS: i64 = 15;
    let Some(store) = testing::postgres() else {
        return;
    };
    let mut users = Vec::new();
    for user in 0..USERS {
        users.push(store.account(&format!("u{user}")).await.id);
    }
    let mut tasks = Vec::new();
    for _ in 0..NODES {
        let opened = Store::open(&StoreSettings {
            url: store.url.clone(),
            pool_size: 2,
            ..StoreSettings::default()
        });
        let journal = opened.unwrap().journal();
        for user in &users {
            let (session, run) = started(&store, *user).await;
            let journal = journal.clone();
            tasks.push(tokio::spawn(async move {
                for base in 0..REPORTS {
                    let name = format!("judge {base}");
                    let mut report = report(&name, JudgeStatus::Completed, &claim(0, "c"));
                    report.claim_verdicts.clear();
                    report.attempts = 1;
                    report.usage = Some(Usage {
                        prompt_tokens: 10,
                        completion_tokens: 1,
                        cost_usd: Some(0.5),
                    });
                    let change = Change::Report(Box::new(report));
                    journal
                        .append(step(session, run, base, vec![change]))
                        .await
                        .unwrap();
                }
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    let all = (NODES * USERS) as i64 * REPORTS;
    let calls = "SELECT CAST(SUM(calls) AS BIGINT) AS count FROM usage_days";
    assert_eq!(counter(&store, calls).await, all);
    let calls = "SELECT CAST(SUM(calls) AS BIGINT) AS count FROM usage_totals";
    assert_eq!(counter(&store, calls).await, all);
    let deadlocks =
        "SELECT deadlocks AS count FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(counter(&store, deadlocks).await, 0);

    let sums =
        "SELECT CAST(SUM(prompt_tokens + completion_tokens) AS BIGINT) AS count FROM usage_days";
    assert_eq!(counter(&store, sums).await, all * 11);
}

on_both!(
    a_log_begins_anew_only_where_it_has_lost_what_was_shown,
    |store| {
        let ada = store.account("ada").await;
        let (session, run) = started(store, ada.id).await;
        let journal = store.journal();
        journal.append(append(session, run, 0, 2)).await.unwrap();
        let node = store.node().await;
        assert_eq!(take(store, node, 8).await.runs.len(), 1);
        let begin_anew = |epoch: &'static str, shown| {
            store.write(move |db| restore::begin_log_anew(db, session, epoch, shown))
        };
        assert_eq!(begin_anew("first", 2).await, Ok(false), "all is there");
        assert_eq!(begin_anew("another", 3).await, Ok(false));
        assert_eq!(begin_anew("first", 3).await, Ok(true));
        assert_eq!(begin_anew("first", 3).await, Ok(false), "once");
        // Its owner can't go on where it believes the log to be, and another continues.
        let mut late = append(session, run, 2, 1);
        late.fence = 2;
        assert_eq!(journal.append(late.clone()).await, Err(AppendError::Fenced));
        late.fence = 3;
        assert_eq!(journal.append(late).await, Err(AppendError::Conflict));
        let taken = take(store, node, 8).await.runs;
        assert_eq!((taken[0].session, taken[0].fence), (session, 4));
    }
);
