//! The page as it is served: its files, their headers, and what a link answers to whom.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Answer, Server, Setup, text};

const POLICY: [&str; 10] = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
];

async fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = server.door().outside(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.door().send(request).await
}

/// The files that the page names, all of them its own.
fn named(page: &str) -> Vec<String> {
    let values = page
        .split(['"', '\''])
        .filter(|value| value.starts_with("/assets/"));
    values.map(str::to_owned).collect()
}

fn is_guarded(answer: &Answer) {
    let policy: Vec<_> = answer
        .header("content-security-policy")
        .split("; ")
        .collect();
    assert_eq!(policy, POLICY);
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let server = Setup::sqlite().start().await;
    let page = get(&server, "/", &[]).await.has(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    is_guarded(&page);
    for forbidden in [
        "http://", "https://", "<style", "style=\"", "onload=", "<script>",
    ] {
        assert!(
            !page.text.contains(forbidden),
            "{forbidden} in {}",
            page.text
        );
    }
    let files = named(&page.text);
    assert!(!files.is_empty(), "{}", page.text);
    for file in files {
        let answer = get(&server, &file, &[]).await.has(200);
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        is_guarded(&answer);
    }
    for path in [
        "/nothing",
        "/assets/nothing.js",
        "/assets/",
        "/dist/index.html",
        "/../Cargo.toml",
        "//",
    ] {
        get(&server, path, &[]).await.is_problem(404, "not_found");
    }
    let posted = server.door().outside(Method::POST, "/");
    let posted = server.door().send(posted).await;
    posted.is_problem(405, "bad_request");
    assert_eq!(posted.header("allow"), "GET, HEAD");
    server.finish().await;
}

#[tokio::test]
async fn files_are_compressed_for_those_who_take_it() {
    let server = Setup::sqlite().start().await;
    let plain = get(&server, "/", &[]).await.has(200);
    assert!(!plain.headers.contains_key(CONTENT_ENCODING));
    assert_eq!(plain.header("vary"), "accept-encoding");
    for accepted in ["gzip", "br, gzip;q=0.5", "deflate, *"] {
        let small = get(&server, "/", &[(ACCEPT_ENCODING.as_str(), accepted)])
            .await
            .has(200);
        assert_eq!(small.header("content-encoding"), "gzip", "{accepted}");
        assert_eq!(small.header("vary"), "accept-encoding");
        assert_eq!(small.header("etag"), plain.header("etag"));
        assert!(small.bytes.len() < plain.bytes.len());
        let mut unpacked = Vec::new();
        GzDecoder::new(&small.bytes[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain.bytes);
    }
    for refused in ["identity", "gzip;q=0", "br", "gzip;q=0, *"] {
        let answer = get(&server, "/", &[(ACCEPT_ENCODING.as_str(), refused)])
            .await
            .has(200);
        assert!(!answer.headers.contains_key(CONTENT_ENCODING), "{refused}");
        assert_eq!(answer.bytes, plain.bytes);
    }
    server.finish().await;
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let server = Setup::sqlite().start().await;
    let page = get(&server, "/", &[]).await.has(200);
    let tag = page.header("etag");
    let strong = tag.strip_prefix("W/").unwrap();
    let list = format!("\"other\", {tag}");
    for known in [tag, strong, &list, "*"] {
        let answer = get(&server, "/", &[(IF_NONE_MATCH.as_str(), known)])
            .await
            .has(304);
        assert!(answer.bytes.is_empty());
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("vary"), "accept-encoding");
    }
    get(&server, "/", &[(IF_NONE_MATCH.as_str(), "\"other\"")])
        .await
        .has(200);

    let head = server.door().outside(Method::HEAD, "/");
    let head = server.door().send(head).await.has(200);
    assert!(head.bytes.is_empty());
    for name in [
        "content-type",
        "content-length",
        "etag",
        "cache-control",
        "content-security-policy",
    ] {
        assert_eq!(head.header(name), page.header(name), "{name}");
    }
    server.finish().await;
}

#[tokio::test]
async fn a_link_is_a_page_for_people_and_stays_out_of_the_log() {
    let server = Setup::sqlite().set("AUDITOR_LOG", "debug").start().await;
    let token = "a-token-of-a-link-that-nobody-may-read";
    server.door().keep_secret(token);
    let path = format!("/shared/{token}");
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = get(&server, "/", &[]).await.has(200);
    let shared = get(&server, &path, &[(ACCEPT.as_str(), browser)])
        .await
        .has(200);
    assert_eq!(shared.bytes, page.bytes);
    assert_eq!(shared.header("cache-control"), "no-store");
    assert_eq!(shared.header("vary"), "accept, accept-encoding");
    is_guarded(&shared);
    for accept in ["*/*", "application/json"] {
        let answer = get(&server, &path, &[(ACCEPT.as_str(), accept)]).await;
        answer.is_problem(404, "not_found");
    }
    // A person whose browser goes wrong gets a page that leads on.
    for wrong in ["/nothing/here", "/api/v1/evaluations"] {
        let answer = get(&server, wrong, &[(ACCEPT.as_str(), browser)]).await;
        assert!([401, 404].contains(&answer.status), "{wrong}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.text.contains("Go to Judge Auditor"), "{wrong}");
    }
    // One that leads somewhere: a script gets the same from the page's address as from REST.
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    nora.audit(&id).await;
    let shares = format!("/evaluations/{id}/shares");
    let made = nora.post(&shares, &json!({})).await.has(201).json();
    let url = text(&made["url"]);
    server
        .door()
        .keep_secret(url.strip_prefix("/shared/").unwrap());
    let read = server.door().get(&url).await.has(200);
    let same = get(&server, &url, &[(ACCEPT.as_str(), "*/*")])
        .await
        .has(200);
    assert_eq!(same.bytes, read.bytes);
    assert_eq!(same.header("cache-control"), "no-store");
    assert_eq!(same.header("vary"), "accept");
    let page_of_it = get(&server, &url, &[(ACCEPT.as_str(), browser)])
        .await
        .has(200);
    assert_eq!(page_of_it.bytes, page.bytes);
    let disguised = format!("/%73hared/{token}");
    get(&server, &disguised, &[(ACCEPT.as_str(), browser)])
        .await
        .has(200);
    get(&server, &disguised, &[])
        .await
        .is_problem(404, "not_found");
    let longer = get(&server, &format!("{path}/"), &[(ACCEPT.as_str(), browser)]).await;
    assert_eq!(longer.status, StatusCode::NOT_FOUND);
    server.finish().await;
}

#[tokio::test]
async fn the_notices_of_third_parties_are_served() {
    let server = Setup::sqlite().start().await;
    let notices = get(&server, "/third-party-notices.txt", &[]).await.has(200);
    assert_eq!(notices.header("content-type"), "text/plain; charset=utf-8");
    let kept = include_str!("../../THIRD-PARTY-NOTICES.txt");
    assert!(notices.text == kept, "{} bytes", notices.text.len());
    is_guarded(&notices);
    let page = get(&server, "/", &[]).await.has(200).text;
    let script = named(&page)
        .into_iter()
        .find(|name| name.ends_with(".js"))
        .expect("a script");
    let script = get(&server, &script, &[]).await.has(200).text;
    assert!(script.contains("/third-party-notices.txt"), "no link to it");
    server.finish().await;
}
