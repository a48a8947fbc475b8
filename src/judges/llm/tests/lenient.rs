use super::*;
use serde_json::json;

#[test]
fn whole_numbers_are_read_however_they_are_written() {
    for (value, expected) in [
        (json!(50), Some(50)),
        (json!(50.0), Some(50)),
        (json!("50"), Some(50)),
        (json!(" 50.0 "), Some(50)),
        (json!(-35), None),
        (json!(0.5), None),
        (json!("many"), None),
        (json!(1e300), None),
        (json!(null), None),
        (json!([50]), None),
    ] {
        assert_eq!(whole(&value), expected, "{value}");
    }
}
