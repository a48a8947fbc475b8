use super::*;

fn request(settings: &Settings, usual: KeyHeader) -> reqwest::Request {
    let endpoint = Endpoint::new(settings, "/chat", usual).header("x-version", "1");
    let client = crate::judges::llm::client(&[]).unwrap();
    endpoint.post(&client, &"hi").build().unwrap()
}

#[test]
fn the_path_goes_before_the_query() {
    for (base, expected) in [
        ("http://a/v1", "http://a/v1/chat"),
        ("http://a/v1/", "http://a/v1/chat"),
        (
            "http://a/d/x?api-version=1",
            "http://a/d/x/chat?api-version=1",
        ),
        ("http://a/d/x/?a=1&b=/", "http://a/d/x/chat?a=1&b=/"),
    ] {
        assert_eq!(join(base, "/chat"), expected);
    }
}

#[test]
fn the_key_goes_into_one_header_that_is_not_shown() {
    let mut settings = Settings::new("j", "http://a", "m");
    let named = KeyHeader::Named("x-api-key");
    let none = request(&settings, named);
    assert!(!none.headers().contains_key("x-api-key"));

    settings.api_key = Some("very-secret".into());
    for (header, usual, name, value) in [
        (
            None,
            KeyHeader::Bearer,
            "authorization",
            "Bearer very-secret",
        ),
        (None, named, "x-api-key", "very-secret"),
        (Some("api-key"), KeyHeader::Bearer, "api-key", "very-secret"),
        (Some("api-key"), named, "api-key", "very-secret"),
    ] {
        settings.api_key_header = header.map(str::to_owned);
        let request = request(&settings, usual);
        let carrying = request
            .headers()
            .iter()
            .filter(|(_, value)| value.to_str().unwrap().contains("very-secret"));
        let carrying: Vec<_> = carrying.map(|(name, _)| name.as_str()).collect();
        assert_eq!(carrying, [name]);
        assert_eq!(request.headers()[name], value);
        assert!(!format!("{request:?}").contains("very-secret"));
    }
}

#[test]
fn headers_of_the_settings_win() {
    let mut settings = Settings::new("j", "http://a", "m");
    settings.headers = vec![
        ("X-Version".into(), "2".into()),
        ("HTTP-Referer".into(), "https://audit.example".into()),
    ];
    let request = request(&settings, KeyHeader::Bearer);
    let versions: Vec<_> = request.headers().get_all("x-version").iter().collect();
    assert_eq!(versions, ["2"]);
    assert_eq!(request.headers()["http-referer"], "https://audit.example");
}
