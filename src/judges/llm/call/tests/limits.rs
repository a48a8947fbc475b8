use super::*;

use std::cell::RefCell;

use futures_util::future::poll_immediate;

use crate::judges::Waiting;
use crate::judges::llm::shared_counters::{Allowance, ProviderCounters};

const QUICK: Backoff = Backoff {
    shortest: Duration::from_millis(1),
    longest: Duration::from_millis(4),
};

fn settings(max_attempts: u32, timeout: Duration) -> Settings {
    Settings {
        max_concurrency: 1,
        max_attempts,
        timeout,
        ..Settings::new("j", "http://127.0.0.1:1", "m")
    }
}

fn limits(max_attempts: u32, timeout: Duration) -> CallLimits {
    CallLimits::new(&settings(max_attempts, timeout), QUICK)
}

fn unavailable(retry_after: Option<u64>) -> JudgeError {
    JudgeError::Overloaded {
        status: 503,
        reason: "busy".into(),
        retry_after: retry_after.map(Duration::from_secs),
    }
}

/// Answers with each of `errors` in turn, then with success.
async fn run(limits: &CallLimits, errors: Vec<JudgeError>) -> (u32, Result<(), JudgeError>) {
    let errors = RefCell::new(errors.into_iter());
    limits
        .run("j", 1, || async {
            errors.borrow_mut().next().map_or(Ok(()), Err)
        })
        .await
}

#[tokio::test]
async fn only_what_can_pass_is_asked_again() {
    let minute = Duration::from_secs(60);
    let rejected = JudgeError::Rejected {
        status: 401,
        reason: "bad key".into(),
    };
    let limited = JudgeError::RateLimited {
        status: 429,
        retry_after: None,
    };
    let table = [
        (vec![], 1, true),
        (vec![unavailable(None)], 2, true),
        (vec![limited, JudgeError::Timeout(minute)], 3, true),
        (vec![unavailable(None); 3], 3, false),
        (vec![rejected], 1, false),
        (vec![JudgeError::Malformed("no JSON".into())], 1, false),
        (vec![JudgeError::Refused("no".into())], 1, false),
        // Said to take longer than there is time for.
        (vec![unavailable(Some(3600))], 1, false),
    ];
    for (errors, attempts, success) in table {
        let what = format!("{errors:?}");
        let (made, result) = run(&limits(3, minute), errors).await;
        assert_eq!((made, result.is_ok()), (attempts, success), "{what}");
    }
}

#[tokio::test]
async fn an_attempt_that_hangs_is_cut_and_tried_again() {
    let limits = limits(2, Duration::from_millis(40));
    let begun = Instant::now();
    let (attempts, result) = limits
        .run("j", 1, std::future::pending::<Result<(), JudgeError>>)
        .await;
    assert_eq!(attempts, 2);
    assert!(matches!(result, Err(JudgeError::Timeout(_))), "{result:?}");
    assert!(
        begun.elapsed() >= Duration::from_millis(80),
        "the whole budget was used"
    );
}

#[tokio::test]
async fn the_permit_is_free_while_waiting() {
    let patient = Backoff {
        shortest: Duration::from_secs(20),
        longest: Duration::from_secs(20),
    };
    let limits = CallLimits::new(&settings(2, Duration::from_secs(60)), patient);
    let waiting = limits.run("j", 1, || async { Err::<(), _>(unavailable(None)) });
    let other = limits.run("j", 1, || async { Ok(()) });
    tokio::select! {
        biased;
        _ = waiting => panic!("it should wait"),
        (attempts, result) = other => assert_eq!((attempts, result.is_ok()), (1, true)),
        () = tokio::time::sleep(Duration::from_secs(10)) => panic!("the permit is kept"),
    }
}

#[tokio::test]
async fn a_provider_that_fails_in_a_row_is_left_alone_and_tried_again() {
    let limits = CallLimits::new(
        &Settings {
            circuit_failures: 2,
            circuit_open: Duration::from_millis(60),
            ..settings(3, Duration::from_secs(60))
        },
        QUICK,
    );
    let asked = RefCell::new(0);
    let fails = || async {
        *asked.borrow_mut() += 1;
        Err::<(), _>(unavailable(None))
    };
    let (attempts, result) = limits.run("j", 1, fails).await;
    // The third attempt is no longer made.
    assert!(
        matches!(result, Err(JudgeError::Overloaded { .. })),
        "{result:?}"
    );
    assert_eq!((attempts, *asked.borrow()), (2, 2));
    assert_eq!(limits.circuit(), CircuitState::Open);
    let (attempts, result) = limits.run("j", 1, fails).await;
    assert!(matches!(result, Err(JudgeError::CircuitOpen { .. })));
    assert_eq!((attempts, *asked.borrow()), (0, 2));
    while limits.circuit() == CircuitState::Open {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (attempts, result) = limits.run("j", 1, || async { Ok(()) }).await;
    assert_eq!((attempts, result.is_ok()), (1, true));
    assert_eq!(limits.circuit(), CircuitState::Closed);
}

#[tokio::test]
async fn a_probe_that_is_dropped_gives_its_place_back() {
    let limits = CallLimits::new(
        &Settings {
            circuit_failures: 1,
            circuit_open: Duration::ZERO,
            ..settings(1, Duration::from_secs(60))
        },
        QUICK,
    );
    let failed = || async { Err::<(), _>(unavailable(None)) };
    limits.run("j", 1, failed).await.1.unwrap_err();
    let hanging = limits.run("j", 1, std::future::pending::<Result<(), JudgeError>>);
    let soon = tokio::time::timeout(Duration::from_millis(20), hanging).await;
    assert!(soon.is_err(), "it hangs");
    let (attempts, result) = limits.run("j", 1, || async { Ok(()) }).await;
    assert_eq!((attempts, result.is_ok()), (1, true));
}

fn hedging(max_attempts: u32, max_concurrency: usize, requests_per_minute: u32) -> CallLimits {
    let settings = Settings {
        max_concurrency,
        hedge_after: Some(Duration::from_millis(20)),
        buckets: Arc::new(Buckets::new(requests_per_minute, 0)),
        ..settings(max_attempts, Duration::from_millis(300))
    };
    CallLimits::new(&settings, QUICK)
}

#[tokio::test]
async fn a_hedge_answers_for_the_one_that_hangs() {
    let asked = RefCell::new(0);
    let second_answers = || async {
        *asked.borrow_mut() += 1;
        if *asked.borrow() == 1 {
            std::future::pending::<()>().await;
        }
        Ok(())
    };
    let begun = Instant::now();
    let (attempts, result) = hedging(2, 2, 0).run("j", 1, second_answers).await;
    assert_eq!((attempts, result.is_ok()), (2, true));
    assert!(begun.elapsed() < Duration::from_millis(300), "no hedge");
}

#[tokio::test]
async fn a_hedge_keeps_within_every_limit() {
    let table = [
        ("no attempt is left", hedging(1, 2, 0)),
        ("no permit is free", hedging(2, 1, 0)),
        ("no request is allowed", hedging(2, 2, 1)),
    ];
    for (why, limits) in table {
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok(())
        };
        let (attempts, result) = limits.run("j", 1, slow).await;
        assert_eq!((attempts, result.is_ok()), (1, true), "{why}");
    }
}

#[tokio::test]
async fn what_a_closed_door_refuses_takes_no_allowance() {
    let buckets = Arc::new(Buckets::new(2, 0));
    let shared = Settings {
        circuit_failures: 1,
        circuit_open: Duration::from_secs(60),
        buckets: Arc::clone(&buckets),
        ..settings(1, Duration::from_secs(60))
    };
    let limits = CallLimits::new(&shared, QUICK);
    let failing = || async { Err::<(), _>(unavailable(None)) };
    limits.run("j", 1, failing).await.1.unwrap_err();
    for _ in 0..3 {
        let (attempts, result) = limits.run("j", 1, failing).await;
        assert!(matches!(result, Err(JudgeError::CircuitOpen { .. })));
        assert_eq!(attempts, 0);
    }
    assert!(buckets.take_now(1).is_some(), "only the first was sent");
}

#[tokio::test]
async fn what_the_budget_refuses_takes_no_allowance() {
    let buckets = Arc::new(Buckets::new(2, 100));
    let shared = Settings {
        max_concurrency: 2,
        hedge_after: Some(Duration::from_millis(20)),
        buckets: Arc::clone(&buckets),
        ..settings(2, Duration::from_secs(60))
    };
    let limits = CallLimits::new(&shared, QUICK);
    let no_money = || JudgeError::Budget("the budget of the run is used up".into());
    for _ in 0..5 {
        let refused = || async { Err::<(), _>(no_money()) };
        let (attempts, result) = limits.run("j", 50, refused).await;
        assert!(matches!(result, Err(JudgeError::Budget(_))), "{result:?}");
        assert_eq!(attempts, 0);
    }
    // A hedge that the budget refuses while the first one is under way.
    let asked = RefCell::new(0);
    let first_only = || async {
        *asked.borrow_mut() += 1;
        if *asked.borrow() > 1 {
            return Err(no_money());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(())
    };
    let (attempts, result) = limits.run("j", 50, first_only).await;
    assert!(result.is_ok() && *asked.borrow() == 2, "{result:?}");
    assert_eq!(attempts, 1);
    assert!(buckets.take_now(50).is_some(), "only the first was sent");
    assert!(buckets.take_now(1).is_none(), "and it counts");
}

#[tokio::test]
async fn a_request_too_large_for_a_minute_says_which_setting() {
    let small = Settings {
        buckets: Arc::new(Buckets::new(0, 100)),
        ..settings(1, Duration::from_secs(60))
    };
    let never = || async { Ok(()) };
    let (attempts, result) = CallLimits::new(&small, QUICK).run("j", 101, never).await;
    assert_eq!(attempts, 0);
    let text = result.unwrap_err().to_string();
    assert!(text.contains("tokens_per_minute = 100"), "{text}");
}

/// The others may have declared this process dead for as long as it has no permit.
struct Cut(Arc<tokio::sync::Semaphore>);

impl ProviderCounters for Cut {
    fn part_of(&self, whole: usize) -> usize {
        whole
    }

    fn take(&self, _: Vec<Allowance>) -> Waiting<Option<Duration>> {
        Box::pin(async { None })
    }

    fn give_back(&self, _: Vec<Allowance>) {}

    fn in_touch(&self) -> Waiting<()> {
        let permits = Arc::clone(&self.0);
        Box::pin(async move { permits.acquire().await.unwrap().forget() })
    }

    fn is_in_touch(&self) -> bool {
        self.0.available_permits() > 0
    }
}

#[tokio::test]
async fn who_may_be_taken_for_dead_makes_no_attempt_until_the_others_know_better() {
    let settings = settings(2, Duration::from_secs(60));
    let limits = CallLimits::new(&settings, QUICK);
    let known = Arc::new(tokio::sync::Semaphore::new(0));
    settings.counters.set(Cut(Arc::clone(&known)));
    let made = RefCell::new(0);
    let mut call = Box::pin(limits.run("j", 1, || async {
        *made.borrow_mut() += 1;
        Err::<(), _>(unavailable(None))
    }));
    assert!(poll_immediate(&mut call).await.is_none());
    assert_eq!(*made.borrow(), 0);
    known.add_permits(2);
    assert_eq!(call.await.0, 2);
    assert_eq!(known.available_permits(), 0, "it asks before each attempt");
}

#[tokio::test]
async fn who_may_be_taken_for_dead_asks_nobody_a_second_time_beside_the_first() {
    let settings = Settings {
        max_concurrency: 2,
        hedge_after: Some(Duration::from_millis(1)),
        ..settings(2, Duration::from_secs(60))
    };
    let limits = CallLimits::new(&settings, QUICK);
    // Enough for the first attempt, and for nothing after it.
    let known = Arc::new(tokio::sync::Semaphore::new(1));
    settings.counters.set(Cut(Arc::clone(&known)));
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok::<(), JudgeError>(())
    };
    let (made, result) = limits.run("j", 1, slow).await;
    assert!(result.is_ok());
    assert_eq!(made, 1);
    known.add_permits(2);
    assert_eq!(limits.run("j", 1, slow).await.0, 2, "it hedges otherwise");
}
