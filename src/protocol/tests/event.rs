use super::*;
use crate::domain::event::{CancelReason, Cancelled};

#[test]
fn a_frame_has_the_contracts_envelope_and_reads_back() {
    let body = EventBody::EvaluationCancelled(Cancelled {
        reason: CancelReason::Deadline,
    });
    let ts = DateTime::parse_from_rfc3339("2026-01-31T12:00:00.25Z")
        .unwrap()
        .to_utc();
    let session_id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
    let run_id = "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap();
    let frame = encode(
        &Place {
            session_id,
            run_id,
            epoch: "e1",
            seq: 9,
            ts,
        },
        &body,
    )
    .unwrap();
    assert_eq!(
        &frame[..],
        r#"{"type":"evaluation_cancelled","session_id":"01890a5d-ac96-774b-bcce-b302099a8057","run_id":"01890a5d-ac96-774b-bcce-b302099a8058","epoch":"e1","seq":9,"ts":"2026-01-31T12:00:00.250Z","data":{"reason":"deadline"}}"#
    );
    assert_eq!(time_of(&frame), Some(ts));
    let event: Event = serde_json::from_str(&frame).unwrap();
    assert_eq!((event.body, event.seq), (body, 9));
}

#[test]
fn what_has_no_time_has_none() {
    for frame in [
        "",
        "{}",
        r#"{"ts":"#,
        r#"{"ts":"yesterday"}"#,
        r#"{"ts":"2026-01"#,
    ] {
        assert_eq!(time_of(frame), None, "{frame}");
    }
}
