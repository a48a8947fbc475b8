use super::*;

fn after(value: &str, date: Option<&str>) -> Option<Duration> {
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, value.parse().unwrap());
    if let Some(date) = date {
        headers.insert(DATE, date.parse().unwrap());
    }
    retry_after(&headers)
}

#[test]
fn retry_after_comes_in_seconds_or_as_a_date() {
    let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
    let table = [
        (after("7", None), Some(7)),
        (after(" 0 ", None), Some(0)),
        (after("Sun, 06 Nov 1994 08:49:52 GMT", date), Some(15)),
        (after("Sun, 06 Nov 1994 08:49:00 GMT", date), Some(0)),
        (after("Sun, 06 Nov 1994 08:49:52 GMT", None), Some(0)),
        (after("soon", None), None),
        (after("-3", None), None),
        (after("1.5", None), None),
    ];
    for (got, expected) in table {
        assert_eq!(got, expected.map(Duration::from_secs));
    }
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, "1".parse().unwrap());
    headers.insert("retry-after-ms", "350".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(Duration::from_millis(350)));
    headers.insert("retry-after-ms", "soon".parse().unwrap());
    assert_eq!(retry_after(&headers), Some(Duration::from_secs(1)));
}

#[test]
fn statuses_mean_what_can_be_done_about_them() {
    let of = |status: u16, body: &str| {
        failure(StatusCode::from_u16(status).unwrap(), None, body).to_string()
    };
    let table = [
        (
            401,
            r#"{"error":{"message":"bad key"}}"#,
            "the provider does not accept the key (HTTP 401): bad key",
        ),
        (
            404,
            r#"{"detail":"no such model"}"#,
            "the provider refused the call (HTTP 404): no such model",
        ),
        (
            400,
            r#"{"error":"too long"}"#,
            "the provider refused the call (HTTP 400): too long",
        ),
        (
            400,
            "",
            "the provider refused the call (HTTP 400): no explanation",
        ),
        (
            307,
            "moved",
            "the provider refused the call (HTTP 307): it redirects elsewhere, which is not followed",
        ),
        (429, "{}", "the provider is limiting requests (HTTP 429)"),
        (
            402,
            r#"{"error":{"message":"pay"}}"#,
            "the provider's account is out of credit: pay",
        ),
        (
            408,
            "",
            "the provider can't serve now (HTTP 408): no explanation",
        ),
        (
            503,
            "<h1>busy</h1>",
            "the provider can't serve now (HTTP 503): <h1>busy</h1>",
        ),
    ];
    for (status, body, expected) in table {
        assert_eq!(of(status, body), expected);
    }
}
