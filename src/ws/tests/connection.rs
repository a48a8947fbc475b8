use super::*;
use crate::telemetry::meters::Meters;

#[test]
fn every_close_code_is_counted() {
    let meters = Meters::new().unwrap();
    for reason in [
        CloseReason::GoingAway,
        CloseReason::Unsupported,
        CloseReason::TooBig,
        CloseReason::Restart,
        CloseReason::TokenExpired,
        CloseReason::TimedOut,
        CloseReason::RateAbuse,
        CloseReason::ProtocolViolation,
        CloseReason::BadToken,
        CloseReason::Revoked,
        CloseReason::TooManyConnections,
    ] {
        let code = reason.code().to_string();
        assert!(meters.closes.of(&code).is_some(), "{reason:?}");
    }
}
