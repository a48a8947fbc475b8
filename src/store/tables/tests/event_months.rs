use chrono::{TimeDelta, TimeZone};

use super::*;

fn id_at(time: DateTime<Utc>) -> String {
    let millis = u128::try_from(time.timestamp_millis()).unwrap();
    // The version and all random bits, as low and as high as they can be.
    Uuid::from_u128(millis << 80 | 0x7000_8000_0000_0000_0000).to_string()
}

#[test]
fn a_month_is_a_range_of_ids() {
    let december = Month::of(Utc.with_ymd_and_hms(2026, 12, 31, 23, 59, 59).unwrap());
    let january = december.next();
    assert_eq!(
        (december.to_string(), january.to_string()),
        ("2026-12".into(), "2027-01".into())
    );
    let begin = january.start();
    assert_eq!(begin, Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap());
    let (last, first) = (id_at(begin - TimeDelta::milliseconds(1)), id_at(begin));
    assert_eq!(Month::of_session(&last), Some(december));
    assert_eq!(Month::of_session(&first), Some(january));
    assert!(last < january.lowest_id() && january.lowest_id() < first);
    assert!(december.lowest_id() < last);
    assert_eq!(Month::of_session(&january.lowest_id()), Some(january));
    assert_eq!(Month::of_session("no id"), None);
}

#[test]
fn a_month_knows_its_table_and_no_other() {
    let month = Month::of(Utc.with_ymd_and_hms(2026, 3, 1, 0, 0, 0).unwrap());
    assert_eq!(month.table(), "session_events_2026_03");
    assert_eq!(Month::of_table(&month.table()), Some(month));
    for other in [
        "session_events",
        BEFORE,
        DEFAULT,
        "session_events_2026_3",
        "session_events_2026_13",
        "session_events_2026_03_old",
        "other_2026_03",
    ] {
        assert_eq!(Month::of_table(other), None, "{other}");
    }
}
