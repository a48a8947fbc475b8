use super::*;
use crate::telemetry::metrics::Metrics;

#[test]
fn every_close_code_is_counted() {
    let metrics = Metrics::new().unwrap();
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
        assert!(metrics.closes.of(&code).is_some(), "{reason:?}");
    }
}
