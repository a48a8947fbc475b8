use crate::actors::messages::{Abort, Admit, RunOutcome, RunPermits};
use crate::actors::testing::*;
use crate::domain::event::{CancelReason, EventBody};
use crate::domain::report::JudgeStatus;
use crate::domain::run::Status;

fn statuses(events: &[Event]) -> Vec<(String, JudgeStatus)> {
    let reports = events.iter().filter_map(|event| match &event.body {
        EventBody::JudgeResult(report) => Some((report.judge_name.clone(), report.status)),
        _ => None,
    });
    reports.collect()
}

#[actix::test]
async fn everything_published_is_stored_in_the_same_bytes_and_without_a_hole() {
    let judge = Scripted::new("a", Conduct::Score);
    let mut stage = Stage::open(&[judge], 60_000).await;
    let mut published = Vec::new();
    loop {
        let frames = stage.published.next().await.frames;
        let stored = stage.scene.log(stage.session).await;
        for frame in frames {
            let row = (frame.seq, frame.text.to_string());
            assert!(
                stored.contains(&row),
                "published before it was stored: {row:?}"
            );
            published.push(row);
        }
        let last: Event = serde_json::from_str(&published.last().unwrap().1).unwrap();
        if last.body.is_terminal() {
            break;
        }
    }
    let seqs: Vec<i64> = published.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(seqs, (1..=published.len() as i64).collect::<Vec<_>>());
    assert_eq!(stage.scene.log(stage.session).await, published);
    assert_eq!(
        stage.ended.next().await.outcome,
        RunOutcome::Ended(Status::Completed)
    );
}

/// Others may take it for dead, and ask the same.
#[actix::test]
async fn a_node_that_is_out_of_touch_asks_no_judge() {
    let judge = Scripted::new("a", Conduct::Score);
    let judges = [Arc::clone(&judge)];
    let (scene, session, run) = Stage::prepare(&judges, 60_000).await;
    let node = scene.facilities.node.clone();
    let now = tokio::time::Instant::now();
    node.heartbeat_written(now.checked_sub(Duration::from_secs(10)).unwrap());
    let mut stage = Stage::enter(scene, session, run, 0);
    until(|| node.waiting() == 1).await;
    assert_eq!(judge.asked(), 0);
    node.heartbeat_written(tokio::time::Instant::now());
    stage.watch().await;
    assert_eq!(judge.asked(), 1);
}

#[actix::test]
async fn a_judge_that_panics_is_reported_and_harms_nobody_else() {
    let judges = [
        Scripted::new("good", Conduct::Score),
        Scripted::new("bad", Conduct::Panic),
    ];
    let mut stage = Stage::open(&judges, 60_000).await;
    let events = stage.watch().await;
    let statuses = statuses(&events);
    assert!(
        statuses.contains(&("good".into(), JudgeStatus::Completed)),
        "{statuses:?}"
    );
    assert!(
        statuses.contains(&("bad".into(), JudgeStatus::Failed)),
        "{statuses:?}"
    );
    let Some(EventBody::EvaluationComplete(done)) = events.last().map(|event| &event.body) else {
        panic!("not completed");
    };
    assert!(done.degraded);
    assert_eq!(
        (done.result.judges.completed, done.result.judges.failed),
        (1, 1)
    );
}

#[actix::test]
async fn a_cancel_ends_a_run_whose_judge_hangs_and_drops_the_question() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let mut stage = Stage::open(std::slice::from_ref(&judge), 60_000).await;
    judge.is_asked().await;
    stage.actor.do_send(Abort {
        reason: CancelReason::User,
    });
    let events = stage.watch().await;
    assert!(
        matches!(events.last().unwrap().body, EventBody::EvaluationCancelled(cancelled)
        if cancelled.reason == CancelReason::User)
    );
    assert_eq!(
        stage.ended.next().await.outcome,
        RunOutcome::Ended(Status::Cancelled)
    );
    assert_eq!(judge.dropped.load(Ordering::SeqCst), 1);
}

#[actix::test]
async fn a_run_over_its_deadline_is_cancelled() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let mut stage = Stage::open(&[judge], 1_000).await;
    let events = stage.watch().await;
    assert!(
        matches!(events.last().unwrap().body, EventBody::EvaluationCancelled(cancelled)
        if cancelled.reason == CancelReason::Deadline)
    );
}

#[actix::test]
async fn a_run_that_was_left_behind_asks_only_for_what_is_missing() {
    let judges = [
        Scripted::new("quick", Conduct::Score),
        Scripted::new("slow", Conduct::Hang),
    ];
    let mut stage = Stage::open(&judges, 60_000).await;
    let mut first = Vec::new();
    while statuses(&first).is_empty() {
        first.extend(stage.next().await);
    }
    // As a crash would: the actor goes without an end.
    let Stage {
        scene,
        session,
        run,
        actor,
        ..
    } = stage;
    drop(actor);
    let healthy = [
        Scripted::new("quick", Conduct::Score),
        Scripted::new("slow", Conduct::Score),
    ];
    let table = healthy
        .iter()
        .map(|judge| Arc::clone(judge) as Arc<dyn Judge>)
        .collect();
    let facilities = Facilities {
        judges: JudgeTable::new(table),
        ..scene.facilities.clone()
    };
    let scene = Scene {
        facilities,
        ..scene
    };
    let mut again = Stage::enter(scene, session, run, 0);
    let second = again.watch().await;

    assert_eq!((healthy[0].asked(), healthy[1].asked()), (0, 1));
    let seqs: Vec<i64> = first.iter().chain(&second).map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
    let verdicts = first
        .iter()
        .chain(&second)
        .filter(|e| matches!(e.body, EventBody::ClaimVerdict(_)));
    assert_eq!(verdicts.count(), 2, "each claim is decided once");
    assert_eq!(again.run, run);
}

#[actix::test]
async fn a_run_whose_session_is_deleted_stops_without_an_event() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let mut stage = Stage::open(std::slice::from_ref(&judge), 60_000).await;
    judge.is_asked().await;
    let (owner, session) = (stage.scene.owner, stage.session);
    let deleted = stage
        .scene
        .store
        .write(move |db| store::evaluations::delete(db, owner, session))
        .await;
    assert!(deleted.unwrap());
    stage.actor.do_send(Abort {
        reason: CancelReason::Deleted,
    });
    assert_eq!(stage.ended.next().await.outcome, RunOutcome::Released);
    assert_eq!(stage.scene.facilities.live_counts.runs.count(), 0);
}

#[actix::test]
async fn a_run_that_was_lost_too_often_ends_with_an_error() {
    let judge = Scripted::new("a", Conduct::Score);
    let (scene, session, run) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    let mut stage = Stage::enter(scene, session, run, super::MAX_LOST);
    let events = stage.watch().await;
    assert!(
        matches!(&events.last().unwrap().body, EventBody::EvaluationError(error) if error.fatal)
    );
    assert_eq!(
        stage.ended.next().await.outcome,
        RunOutcome::Ended(Status::Failed)
    );
    assert_eq!(judge.asked(), 0);
}

#[actix::test]
async fn a_run_whose_permits_come_from_the_recovery_waits_no_longer() {
    let judge = Scripted::new("slow", Conduct::Hang);
    let (scene, session, run) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    let facilities = scene.facilities.clone();
    let _taken = Arc::clone(&facilities.slots).acquire_many_owned(4).await;
    let stage = Stage::enter(scene, session, run, 0);
    until(|| facilities.live_counts.queued.count() == 1).await;
    let place = || async { Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap() };
    let permits = RunPermits {
        slot: Some(place().await),
        loading: Some(place().await),
    };
    stage.actor.do_send(Admit { permits });
    until(|| judge.asked() == 1).await;
    assert_eq!(facilities.live_counts.queued.count(), 0, "it is at work");
}

#[actix::test]
async fn a_judge_dismissed_by_a_cancel_is_not_counted_as_heard() {
    let judges = [
        Scripted::new("quick", Conduct::Score),
        Scripted::new("slow", Conduct::Hang),
    ];
    let mut stage = Stage::open(&judges, 60_000).await;
    let mut events = Vec::new();
    while statuses(&events).is_empty() {
        events.extend(stage.next().await);
    }
    until(|| judges[1].asked() == 1).await;
    stage.actor.do_send(Abort {
        reason: CancelReason::User,
    });
    stage.watch().await;
    until(|| stage.scene.facilities.live_counts.runs.count() == 0).await;
    let metrics = &stage.scene.facilities.metrics;
    let lines = metrics.text().unwrap();
    let heard: Vec<&str> = lines
        .lines()
        .filter(|line| line.starts_with("auditor_judge_calls_total{") && !line.ends_with(" 0"))
        .collect();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].contains("quick"), "{heard:?}");
}

#[actix::test]
async fn a_run_of_long_texts_waits_for_a_place_of_its_own_and_a_short_one_does_not() {
    let judge = Scripted::new("a", Conduct::Score);
    let judges = std::slice::from_ref(&judge);
    let (mut scene, session, run) = Stage::prepare(judges, 60_000).await;
    let long_texts = LongTexts {
        over: 10,
        permits: FairSemaphore::new(1, 1),
    };
    let taken = long_texts.permits.acquire(None).await;
    scene.facilities.long_texts = long_texts.clone();
    let mut long = Stage::enter(scene, session, run, 0);
    let queued = &long.scene.facilities.live_counts.queued;
    let waits = async {
        while queued.count() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waits)
        .await
        .expect("it does not wait");

    let mut short = Stage::open(judges, 60_000).await;
    let events = short.watch().await;
    assert!(events.last().unwrap().body.is_terminal());
    assert_eq!(
        long.scene.facilities.live_counts.queued.count(),
        1,
        "it went on without a place"
    );

    drop(taken);
    let events = long.watch().await;
    assert!(matches!(
        events.last().unwrap().body,
        EventBody::EvaluationComplete(_)
    ));
    long.ended.next().await;
    drop(long);
    let free = tokio::time::timeout(PATIENCE, long_texts.permits.acquire(None)).await;
    free.expect("the place is not given back");
}

#[actix::test]
async fn a_run_that_is_cancelled_while_it_waits_for_a_place_ends() {
    let judge = Scripted::new("a", Conduct::Score);
    let (mut scene, session, run) = Stage::prepare(std::slice::from_ref(&judge), 60_000).await;
    let long_texts = LongTexts {
        over: 10,
        permits: FairSemaphore::new(1, 1),
    };
    let _taken = long_texts.permits.acquire(None).await;
    scene.facilities.long_texts = long_texts;
    let mut stage = Stage::enter(scene, session, run, 0);
    stage.actor.do_send(Abort {
        reason: CancelReason::User,
    });
    let events = stage.watch().await;
    assert!(matches!(
        events.last().unwrap().body,
        EventBody::EvaluationCancelled(_)
    ));
}
