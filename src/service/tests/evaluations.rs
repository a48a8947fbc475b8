use super::*;

fn body(text: &str) -> CreateEvaluation {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_order_of_keys_and_white_space_make_no_other_request() {
    let one =
        r#"{"source_text":"a","candidate_output":"b","config":{"judges":["facts"],"quorum":1}}"#;
    let same = r#"{ "config": {"quorum": 1, "judges": ["facts"]}, "candidate_output": "b",
        "source_text": "\u0061" }"#;
    let hash = |text: &str| fingerprint(&body(text)).unwrap();
    assert_eq!(hash(one), hash(same));
    for (from, to) in [
        ("\"a\"", "\"A\""),
        ("\"b\"", "\"b \""),
        ("[\"facts\"]", "[\"facts\",\"logic\"]"),
        ("1}}", "1},\"start\":true}"),
        ("1}}", "1},\"question\":\"?\"}"),
    ] {
        let other = one.replacen(from, to, 1);
        assert_ne!(other, one);
        assert_ne!(hash(one), hash(&other), "{other}");
    }
}

#[test]
fn a_key_has_a_bound_and_no_zero() {
    for key in ["k", &"ü".repeat(MAX_KEY_CHARS)] {
        assert_eq!(key_fault(key), None);
    }
    for key in ["", "a\0b", &"k".repeat(MAX_KEY_CHARS + 1)] {
        let fault = key_fault(key).expect("a fault");
        assert_eq!(fault.pointer, "/Idempotency-Key");
        assert_eq!(fault.detail, "must have 1 to 255 characters");
    }
}

#[test]
fn who_is_full_is_told_of_what_and_what_to_do() {
    for (full, part) in [
        (Full::Evaluations(100), "100 evaluations"),
        (Full::Bytes(5_000), "5000 bytes"),
    ] {
        let refusal = no_room(full);
        assert_eq!(refusal.code, ErrorCode::LimitExceeded);
        assert!(refusal.message.contains(part), "{refusal}");
        assert!(
            refusal
                .message
                .ends_with("delete some that you no longer need"),
            "{refusal}"
        );
    }
}
