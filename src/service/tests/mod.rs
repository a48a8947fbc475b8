//! What a client is told when something that it does not see went wrong.

use actix::MailboxError;

use crate::computing::{Full, Unfinished};

use super::refusals::{DATABASE_AWAY, TURN_COMES};
use super::*;
use crate::protocol::error::ErrorCode;

#[test]
fn the_databases_words_never_reach_a_client() {
    let inner = "relation \"users\" at 10.0.0.7";
    for (error, code, wait) in [
        (StoreError::NotFound, ErrorCode::NotFound, None),
        (
            StoreError::Unavailable(inner.to_owned()),
            ErrorCode::Overloaded,
            Some(DATABASE_AWAY),
        ),
        (
            StoreError::InDoubt(inner.to_owned()),
            ErrorCode::Overloaded,
            Some(DATABASE_AWAY),
        ),
        (
            StoreError::Query(inner.to_owned()),
            ErrorCode::Internal,
            Some(Duration::from_secs(1)),
        ),
        (
            StoreError::Duplicate("email"),
            ErrorCode::Internal,
            Some(Duration::from_secs(1)),
        ),
    ] {
        let told = refusal(error.clone());
        assert_eq!((told.code, told.retry_after), (code, wait), "{error}");
        assert!(!told.message.contains("users") && !told.message.contains("email"));
    }
}

#[test]
fn who_gets_no_turn_is_told_whose_fault_it_is_and_when_to_come_again() {
    for (full, code) in [
        (Full::OfUser, ErrorCode::RateLimited),
        (Full::OfAll, ErrorCode::Overloaded),
    ] {
        let told = no_turn(full);
        assert_eq!((told.code, told.retry_after), (code, Some(TURN_COMES)));
    }
}

#[test]
fn a_computation_that_was_stopped_is_about_what_is_gone() {
    assert_eq!(unfinished(Unfinished::Stopped).code, ErrorCode::NotFound);
    assert_eq!(unfinished(Unfinished::Broke).code, ErrorCode::Internal);
    for error in [MailboxError::Closed, MailboxError::Timeout] {
        let told = unanswered(error);
        assert_eq!(
            (told.code, told.code.retryable()),
            (ErrorCode::Overloaded, true)
        );
    }
}
