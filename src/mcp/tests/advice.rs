use std::time::Duration;

use super::*;
use crate::protocol::error::FieldError;

#[test]
fn a_refusal_says_what_to_do() {
    let limited = Refusal::new(ErrorCode::RateLimited, "too many").after(Duration::from_secs(7));
    let text = advice(&limited);
    assert!(text.starts_with("rate_limited: too many"), "{text}");
    assert!(text.contains("wait 7 s"), "{text}");
    let faults = vec![
        FieldError::new("/claims/0", "must not be blank"),
        FieldError::new("/claims/1", "must not be blank"),
    ];
    let text = advice(&Refusal::invalid(faults));
    assert!(text.contains("- /claims/1: must not be blank"), "{text}");
    assert!(text.contains("input schema"), "{text}");
}

#[test]
fn every_code_has_something_to_do() {
    for code in ErrorCode::ALL {
        let text = advice(&Refusal::new(code, "so"));
        let (_, what) = text.split_once("What to do: ").unwrap();
        assert!(what.ends_with('.') && what.len() > 10, "{text}");
    }
}
