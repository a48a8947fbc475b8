use actix_web::http::header::{HeaderName, HeaderValue};

use super::*;

fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name.clone(), HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn the_header_wins_over_the_subprotocol() {
    let protocols = (
        header::SEC_WEBSOCKET_PROTOCOL,
        "judge-auditor.v1, base64url.bearer.YWJj",
    );
    assert_eq!(
        bearer(&headers(std::slice::from_ref(&protocols))).as_deref(),
        Some("abc")
    );
    let both = [protocols, (header::AUTHORIZATION, "bearer xyz")];
    assert_eq!(bearer(&headers(&both)).as_deref(), Some("xyz"));
    assert_eq!(
        bearer(&headers(&[(header::AUTHORIZATION, "Basic xyz")])),
        None
    );
}

#[test]
fn an_unreadable_subprotocol_is_a_bad_token() {
    let protocols = (header::SEC_WEBSOCKET_PROTOCOL, "base64url.bearer.***");
    assert_eq!(bearer(&headers(&[protocols])).as_deref(), Some(""));
}
