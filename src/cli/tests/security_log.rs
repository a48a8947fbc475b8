use super::*;

#[test]
fn a_time_or_an_age() {
    let exact = since("2026-11-23T08:00:00+01:00").unwrap();
    assert_eq!(exact.to_rfc3339(), "2026-11-23T07:00:00+00:00");
    let day = Utc::now() - since("24h").unwrap();
    assert!(
        (day - TimeDelta::days(1)).abs() < TimeDelta::minutes(1),
        "{day}"
    );
    for wrong in ["", "h", "24", "-1h", "yesterday", "1w", "4294967296d", "1ü"] {
        assert!(since(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_detail_does_not_steer_the_terminal() {
    let entry = SecurityEvent {
        detail: Some("\u{1b}[2J".to_owned()),
        ..crate::service::record::event(Kind::OriginRefused, None, None)
    };
    assert!(!as_text(&entry).contains('\u{1b}'));
}
