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
