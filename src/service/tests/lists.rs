use serde_json::json;
use uuid::Uuid;

use super::*;

fn query(sort: &str, order: &str) -> ListQuery {
    serde_json::from_value(json!({ "sort": sort, "order": order })).unwrap()
}

/// A cursor as a client may write one itself.
fn carried(cursor: &serde_json::Value) -> String {
    URL_SAFE_NO_PAD.encode(cursor.to_string())
}

fn cursor(sort: &str, order: &str, key: serde_json::Value) -> String {
    let after = json!({ "k": key, "i": Uuid::from_u128(7) });
    carried(&json!({ "sort": sort, "order": order, "after": after }))
}

#[test]
fn a_cursor_comes_back_as_it_was_given() {
    for (sort, key) in [
        ("created_at", json!({ "t": 1_780_000_000_123_456_i64 })),
        ("consensus_score", json!({ "s": 54.75_f64.to_bits() })),
        ("hallucination_score", json!({ "s": null })),
    ] {
        let query = query(sort, "asc");
        let text = cursor(sort, "asc", key);
        let after = read_cursor(&text, &query).expect("a cursor of this list");
        let again = write_cursor(query.sort, query.order, &after).unwrap();
        assert_eq!(read_cursor(&again, &query), Some(after));
        assert!(
            again
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
    }
}

#[test]
fn a_cursor_of_another_list_is_none_of_this() {
    let time = json!({ "t": 5 });
    let text = cursor("created_at", "asc", time.clone());
    assert!(read_cursor(&text, &query("created_at", "asc")).is_some());
    for (sort, order) in [
        ("created_at", "desc"),
        ("consensus_score", "asc"),
        ("hallucination_score", "desc"),
    ] {
        assert_eq!(
            read_cursor(&text, &query(sort, order)),
            None,
            "{sort} {order}"
        );
    }
    // One whose parts do not belong together.
    let forged = cursor("consensus_score", "asc", time);
    assert_eq!(read_cursor(&forged, &query("consensus_score", "asc")), None);
}

#[test]
fn what_is_no_cursor_is_none() {
    let query = query("created_at", "asc");
    let never =
        [i64::MIN, -1, i64::MAX].map(|micros| cursor("created_at", "asc", json!({ "t": micros })));
    let wrong = ["", "%", "e30", "not a cursor"].map(str::to_owned);
    let without_beginning = cursor("created_at", "asc", json!({ "t": 5 })).split_off(2);
    for text in never.into_iter().chain(wrong).chain([without_beginning]) {
        assert_eq!(read_cursor(&text, &query), None, "{text}");
    }
}
