use super::*;

#[test]
fn names_are_unique_and_what_serde_writes() {
    let mut names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    for code in ErrorCode::ALL {
        let written = serde_json::to_value(code).unwrap();
        assert_eq!(written, code.as_str());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ErrorCode::ALL.len());
}

#[test]
fn each_status_stands_in_the_table_once_for_its_code() {
    let own = ErrorCode::ALL.map(|code| (code, code.http_status()));
    let finer = Finer::ALL.map(|finer| (finer.code(), finer.http_status()));
    let all: std::collections::HashSet<_> = own.into_iter().chain(finer).collect();
    assert_eq!(all.len(), own.len() + finer.len());
    for finer in Finer::ALL {
        assert_eq!(Finer::of(finer.code(), finer.http_status()), Some(finer));
        assert_eq!(
            Refusal::finer(finer, "x").http_status(),
            finer.http_status()
        );
    }
    assert_eq!(Finer::of(ErrorCode::BadRequest, 400), None);
}

#[test]
fn only_retryable_refusals_say_when_to_come_back() {
    for code in ErrorCode::ALL {
        assert_eq!(
            Refusal::new(code, "x").retry_after.is_some(),
            code.retryable()
        );
    }
}

#[test]
fn close_codes_tell_whether_to_come_back() {
    for reason in [
        CloseReason::TokenExpired,
        CloseReason::TimedOut,
        CloseReason::RateAbuse,
    ] {
        assert!((4000..4500).contains(&reason.code()));
    }
    for reason in [
        CloseReason::BadToken,
        CloseReason::Revoked,
        CloseReason::ProtocolViolation,
    ] {
        assert!((4500..4600).contains(&reason.code()));
    }
}
