use actix_web::http::header::{HeaderMap, HeaderValue};

use super::*;

/// Reads a form of these parts, each a name with its text.
async fn read_form(parts: &[(&str, &str)]) -> Result<Files, Refusal> {
    let mut body = String::new();
    for (name, text) in parts {
        body.push_str(&format!(
            "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        ));
    }
    body.push_str("--x--\r\n");
    let mut headers = HeaderMap::new();
    let kind = HeaderValue::from_static("multipart/form-data; boundary=x");
    headers.insert(header::CONTENT_TYPE, kind);
    let whole = once(ready(Ok::<Bytes, PayloadError>(Bytes::from(body))));
    form(Multipart::new(&headers, whole)).await
}

#[actix_web::test]
async fn only_sources_may_come_twice() {
    let all = [
        ("source", "The mill is old."),
        ("source", "The pool is new."),
        ("candidate", "The mill is old."),
        ("question", "How old is it?"),
        ("config", "{}"),
        ("start", "true"),
    ];
    let files = read_form(&all).await.unwrap();
    assert_eq!(files.sources.len(), 2);
    assert_eq!(files.candidate_output, "The mill is old.");
    for (again, pointer) in [
        (("candidate", "Something else."), "/candidate_output"),
        (("question", "How new is it?"), "/question"),
        (("config", "{}"), "/config"),
        (("start", "false"), "/start"),
    ] {
        let mut parts = all.to_vec();
        parts.push(again);
        let refusal = read_form(&parts).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::Validation);
        assert_eq!(refusal.fields[0].pointer, pointer);
        assert_eq!(refusal.fields[0].detail, "is given twice");
    }
}

#[test]
fn a_file_is_of_the_kind_that_it_says_or_that_its_name_says() {
    for (declared, name, expected) in [
        (Some("text/plain"), Some("a.md"), Some(MediaType::Markdown)),
        (Some("text/plain"), Some("a.csv"), Some(MediaType::Plain)),
        (Some("application/pdf"), Some("a.txt"), Some(MediaType::Pdf)),
        (
            Some("application/octet-stream"),
            Some("a.PDF"),
            Some(MediaType::Pdf),
        ),
        (None, Some("a.html"), Some(MediaType::Html)),
        (None, Some("notes"), Some(MediaType::Plain)),
        (None, None, Some(MediaType::Plain)),
        (Some("image/png"), Some("a.png"), None),
        (Some("text/plain; charset=latin1"), None, None),
    ] {
        assert_eq!(kind(declared, name), expected, "{declared:?} {name:?}");
    }
}

#[test]
fn a_flag_is_true_or_false() {
    assert!(flag(b" true\n").unwrap());
    assert!(!flag(b"false").unwrap());
    assert_eq!(flag(b"yes").unwrap_err().fields[0].pointer, "/start");
}
