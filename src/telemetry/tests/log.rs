use super::*;

#[test]
fn what_strangers_send_is_logged_only_where_it_is_asked_for() {
    let shown = |filter: &str| quieted(filter).unwrap().to_string();
    assert!(shown("info").contains("actix_http=off"));
    assert!(shown("trace,judge_auditor=debug").contains("actix_http=off"));
    assert!(shown("info,actix_http=debug").contains("actix_http=debug"));
    assert!(!shown("info,actix_http=debug").contains("actix_http=off"));
    assert!(shown("trace").contains("rmcp=off") && shown("info").contains("async_nats=off"));
    assert!(!shown("info,rmcp=debug").contains("rmcp=off"));
}

#[test]
fn a_wrong_filter_is_refused_and_a_second_subscriber_too() {
    assert!(matches!(
        init("judge_auditor=loud", Format::Text),
        Err(InitError::Filter(_))
    ));
    init("info,judge_auditor=debug", Format::Json).unwrap();
    assert!(matches!(
        init("info", Format::Text),
        Err(InitError::Twice(_))
    ));
}
