use super::*;

#[test]
fn a_limit_lets_so_many_through_and_names_the_wait() {
    let limit = KeyedLimit::new(3, Duration::from_secs(60));
    for _ in 0..3 {
        assert!(limit.check(&"a").is_ok());
    }
    let refusal = limit.check(&"a").unwrap_err();
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    let wait = refusal.retry_after.unwrap();
    assert!(
        wait > Duration::from_secs(15) && wait <= Duration::from_secs(21),
        "{wait:?}"
    );
    assert!(limit.check(&"b").is_ok(), "each key has its own");
}

#[test]
fn a_flood_of_keys_stays_within_bounds() {
    let limit = KeyedLimit::new(3, Duration::from_secs(60));
    let mut most = 0;
    for key in 0..(3 * MAX_KEYS) {
        assert!(limit.check(&key).is_ok());
        most = most.max(limit.keyed.as_ref().unwrap().read().len());
    }
    assert!(most <= MAX_KEYS + LOOK_EVERY, "{most}");
}

#[test]
fn zero_means_none() {
    let keyed = KeyedLimit::new(0, Duration::from_secs(60));
    let direct = Limit::new(0, 0);
    for _ in 0..1000 {
        assert!(keyed.check(&1).is_ok() && direct.check().is_ok());
    }
}

#[test]
fn who_waits_as_long_as_was_said_is_never_early() {
    for nanos in [0, 1, 999_999, 1_000_000, 1_999_999_999] {
        let wait = Duration::from_nanos(nanos);
        let refusal = too_many(wait);
        let said = refusal.retry_after.unwrap();
        assert!(
            said > wait && said <= wait + Duration::from_millis(1),
            "{wait:?}: {said:?}"
        );
    }
}

#[test]
fn a_connection_has_its_burst_and_then_its_rate() {
    let limit = Limit::new(2, 5);
    for _ in 0..5 {
        assert!(limit.check().is_ok());
    }
    // A slow machine gets some more through before the first that is too much.
    let refusal = (0..1000).find_map(|_| limit.check().err());
    let wait = refusal.expect("a refusal").retry_after.unwrap();
    assert!(wait <= Duration::from_millis(501), "{wait:?}");
    // A burst of none is as much as a second has.
    let limit = Limit::new(3, 0);
    assert_eq!((0..3).filter(|_| limit.check().is_ok()).count(), 3);
}

#[tokio::test]
async fn a_refusal_is_counted_under_the_name_of_its_limit() {
    let metrics = Metrics::new().unwrap();
    let limits = Limits::new(
        &config::Limits {
            searches_per_minute: 1,
            ..config::Limits::default()
        },
        &metrics,
        None,
    );
    let user = crate::store::new_id();
    assert!(limits.searches.check(&user).await.is_ok());
    assert!(limits.searches.check(&user).await.is_err());
    let counted = |name| metrics.rate_limited.of(name).unwrap().get();
    assert_eq!((counted("searches"), counted("exports")), (1, 0));
    // Keys that have all their allowance back are forgotten, others are not.
    limits.sweep();
    assert!(limits.searches.check(&user).await.is_err());
}
