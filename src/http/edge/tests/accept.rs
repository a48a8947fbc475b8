use actix_web::test::TestRequest;

use super::*;

#[test]
fn the_best_liked_form_wins_and_a_page_is_the_default() {
    let cases = [
        (None, Some(Form::Page)),
        (Some("*/*"), Some(Form::Page)),
        (Some("application/json"), Some(Form::Page)),
        (Some("text/event-stream"), Some(Form::Stream)),
        (Some("Text/Event-Stream"), Some(Form::Stream)),
        (Some("text/event-stream; charset=utf-8"), Some(Form::Stream)),
        (Some("text/event-stream, */*"), Some(Form::Stream)),
        (Some("text/*"), Some(Form::Stream)),
        (
            Some("application/json, text/event-stream"),
            Some(Form::Page),
        ),
        (
            Some("application/json;q=0.5, text/event-stream;q=0.9"),
            Some(Form::Stream),
        ),
        (
            Some("application/json, text/event-stream;q=0.9"),
            Some(Form::Page),
        ),
        (
            Some("text/event-stream;q=0, application/json"),
            Some(Form::Page),
        ),
        (Some("application/json;q=0, */*"), Some(Form::Stream)),
        (Some("text/html"), None),
        (Some("text/event-stream;q=0"), None),
    ];
    for (accept, expected) in cases {
        let mut request = TestRequest::default();
        if let Some(accept) = accept {
            request = request.insert_header((header::ACCEPT, accept));
        }
        let found = form(&request.to_http_request());
        assert_eq!(found.ok(), expected, "{accept:?}");
    }
}

#[test]
fn a_browser_gets_the_page_and_a_script_the_data() {
    let chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
    let cases = [
        (None, false),
        (Some("*/*"), false),
        (Some("application/json"), false),
        (Some("application/json, text/html;q=0.5"), false),
        (Some("text/html;q=0, */*"), false),
        (Some("text/html"), true),
        (Some("text/*"), true),
        (Some(chromium), true),
    ];
    for (accept, expected) in cases {
        let mut request = TestRequest::default();
        if let Some(accept) = accept {
            request = request.insert_header((header::ACCEPT, accept));
        }
        let accept = header::Accept::parse(&request.to_http_request()).ok();
        assert_eq!(wants_html(accept), expected);
    }
}
