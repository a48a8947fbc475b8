use super::*;

#[tokio::test]
async fn a_minute_may_be_used_at_once_and_then_flows() {
    // One each 50 ms.
    let buckets = Buckets::new(1200, 0);
    let begun = Instant::now();
    for _ in 0..1200 {
        let _sent = buckets.take(1_000_000, || Ok(())).await.unwrap();
    }
    let burst = begun.elapsed();
    for _ in 0..4 {
        let _sent = buckets.take(1, || Ok(())).await.unwrap();
    }
    let all = begun.elapsed();
    assert!(all >= Duration::from_millis(200), "{burst:?}, {all:?}");
}

#[tokio::test]
async fn tokens_are_counted_too() {
    let buckets = Buckets::new(0, 6000);
    let begun = Instant::now();
    let _sent = buckets.take(6000, || Ok(())).await.unwrap();
    // 100 a second.
    let _sent = buckets.take(20, || Ok(())).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let error = buckets.take(6001, || Ok(())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "not asked: it may take 6001 tokens, more than the whole tokens_per_minute = 6000 of the judge"
    );
}

#[tokio::test]
async fn without_limits_nothing_waits() {
    let buckets = Buckets::new(0, 0);
    let waiting = async {
        for _ in 0..10_000 {
            let _sent = buckets.take(u64::MAX, || Ok(())).await.unwrap();
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    assert!(in_time.is_ok());
}

#[tokio::test]
async fn what_is_no_longer_wanted_takes_nothing() {
    let buckets = Buckets::new(2, 0);
    let refused = || {
        Err(JudgeError::CircuitOpen {
            retry_after: Duration::ZERO,
        })
    };
    for _ in 0..10 {
        buckets.take(1, refused).await.unwrap_err();
    }
    assert!(buckets.take_now(1).is_some() && buckets.take_now(1).is_some());
    assert!(buckets.take_now(1).is_none(), "a minute's are used up");
}

#[tokio::test]
async fn a_request_takes_from_both_allowances_or_from_neither() {
    let buckets = Buckets::new(1, 100);
    assert!(buckets.take_now(101).is_none(), "too many tokens");
    let sent = buckets.take_now(40).unwrap();
    // No request is left: its tokens stay.
    assert!(buckets.take_now(60).is_none());
    let refused = || Err(JudgeError::Budget("no money".into()));
    buckets.take(60, refused).await.unwrap_err();
    assert!(buckets.tokens_left(60) && !buckets.tokens_left(61));
    sent.give_back();
    let all = buckets.take_now(100);
    assert!(all.is_some(), "what was given back is there again");
}

impl Buckets {
    /// Whether so many tokens are left now.
    fn tokens_left(&self, count: u64) -> bool {
        let used = *self.used();
        let rate = self.tokens.unwrap();
        rate.check(used.tokens, count, Instant::now()).is_ok()
    }
}
