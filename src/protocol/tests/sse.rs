use super::*;

#[test]
fn events_have_an_id_and_a_name_and_control_has_no_id() {
    let mut lines = Lines::default();
    assert!(lines.is_empty());
    lines.retry(500);
    lines.control(r#"{"type":"heartbeat","data":{}}"#);
    lines.event("e1", 7, r#"{"data":{"a":"x\ny"},"type":"claim_verdict"}"#);
    assert_eq!(
        std::str::from_utf8(&lines.into_bytes()).unwrap(),
        "retry: 500\n\n\
         event: heartbeat\ndata: {\"type\":\"heartbeat\",\"data\":{}}\n\n\
         id: e1:7\nevent: claim_verdict\ndata: {\"data\":{\"a\":\"x\\ny\"},\"type\":\"claim_verdict\"}\n\n"
    );
}

#[test]
fn a_position_is_read_strictly() {
    let good = position("01890a5d:12").unwrap();
    assert_eq!(
        (good.epoch.as_deref(), good.last_seq),
        (Some("01890a5d"), 12)
    );
    for bad in [
        "",
        "12",
        ":12",
        "e:",
        "e:-1",
        "e:+1",
        "e:1x",
        "e: 1",
        "e:99999999999999999999",
    ] {
        assert!(position(bad).is_err(), "{bad}");
    }
}
