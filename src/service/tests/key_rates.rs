use uuid::Uuid;

use super::*;

fn key(number: u128) -> ApiKeyId {
    ApiKeyId::new(Uuid::from_u128(number))
}

#[test]
fn a_key_has_its_own_rate_and_is_told_the_wait() {
    let rates = KeyRates::default();
    let three = NonZeroU32::new(3).unwrap();
    for _ in 0..3 {
        assert!(rates.check(key(1), three).is_ok());
    }
    let refusal = rates.check(key(1), three).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::RateLimited);
    assert!(
        refusal.message.contains("3 requests a minute"),
        "{}",
        refusal.message
    );
    let wait = refusal.retry_after.unwrap();
    assert!(
        wait > Duration::from_secs(10) && wait <= Duration::from_secs(21),
        "{wait:?}"
    );
    assert!(rates.check(key(2), three).is_ok());
}

#[test]
fn what_is_remembered_is_bounded_and_forgotten_when_it_is_full_again() {
    let rates = KeyRates::default();
    let (one, now) = (NonZeroU32::new(1).unwrap(), Instant::now());
    for number in 0..=(MOST as u128) {
        assert!(rates.check_at(key(number), one, now).is_ok());
        assert!(rates.all().len() <= MOST);
    }
    let later = now + WINDOW;
    assert!(rates.check_at(key(u128::MAX), one, later).is_ok());
    sweep(&mut rates.all(), later);
    assert_eq!(rates.all().len(), 1);
}
