use std::num::NonZeroU32;

use chrono::DateTime;
use uuid::Uuid;

use super::*;
use crate::domain::credential::DayBudget;

#[test]
fn a_line_a_key() {
    let at = |second: i64| DateTime::from_timestamp(1_780_000_000 + second, 123_000_000);
    let key = |number, name: &str, scopes: &[Scope]| ApiKey {
        id: ApiKeyId::new(Uuid::from_u128(number)),
        name: name.to_owned(),
        prefix: "ja_4fQ7x".to_owned(),
        scopes: scopes.to_vec(),
        addresses: Vec::new(),
        created_at: at(0).unwrap(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        budget: DayBudget::default(),
        per_minute: None,
    };
    let robot = ApiKey {
        addresses: vec!["192.0.2.0/24".to_owned(), "2001:db8::7/128".to_owned()],
        expires_at: at(3600),
        last_used_at: at(60),
        budget: DayBudget {
            tokens: Some(100_000),
            usd: Some(1.5),
        },
        per_minute: NonZeroU32::new(60),
        ..key(2, "the nightly build", &[Scope::Read, Scope::Audit])
    };
    insta::assert_snapshot!(list_of_keys(&[key(1, "robot", &[Scope::Manage]), robot]), @r"
    00000000-0000-0000-0000-000000000001 ja_4fQ7x 2026-05-28T20:26:40.123Z never never manage robot
    00000000-0000-0000-0000-000000000002 ja_4fQ7x 2026-05-28T20:26:40.123Z 2026-05-28T20:27:40.123Z 2026-05-28T21:26:40.123Z read,audit the nightly build (from 192.0.2.0/24, 2001:db8::7/128) ($1.5 a day) (100000 tokens a day) (60 requests a minute)
    ");
    assert_eq!(list_of_keys(&[]), "");
}

#[test]
fn a_lifetime_is_a_number_and_a_unit() {
    for (text, seconds) in [
        ("60s", 60),
        ("15m", 900),
        ("12h", 43_200),
        ("90d", 7_776_000),
    ] {
        assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    for text in ["", "90", "d", "-1d", "1w", "1.5d", "4294967296d"] {
        assert!(lifetime(text).is_err(), "{text}");
    }
}
