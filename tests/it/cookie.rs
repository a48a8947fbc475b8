//! The page's way to log in: the refresh token in a cookie that no script can read.

use reqwest::Method;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};

use crate::harness::{Answer, PASSWORD, Server, Setup, text};

on_every_database!(
    a_cookie_stands_for_the_refresh_token,
    a_spent_cookie_that_comes_back_revokes_its_family,
    a_logout_clears_the_cookie,
    pages_of_other_origins_may_not_use_it,
    only_a_trusted_proxy_says_that_it_was_https,
);

const NAME: &str = "auditor_refresh";

/// Over https.
const SECURE_NAME: &str = "__Secure-auditor_refresh";

/// What a browser keeps of a `Set-Cookie`.
struct Kept {
    name: String,
    value: String,
    attributes: Vec<String>,
}

impl Kept {
    /// The one cookie that the answer sets; its token must be nowhere else.
    fn from(server: &Server, answer: &Answer) -> Self {
        let set: Vec<_> = answer.headers.get_all(SET_COOKIE).iter().collect();
        assert_eq!(set.len(), 1, "{answer:?}");
        let mut parts = set[0].to_str().unwrap().split("; ").map(str::to_owned);
        let pair = parts.next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let (name, value) = (name.to_owned(), value.to_owned());
        assert!([NAME, SECURE_NAME].contains(&name.as_str()), "{name}");
        if !value.is_empty() {
            server.door().keep_secret(&value);
            assert!(!answer.text.contains(&value), "the token is in the body");
        }
        let mut attributes: Vec<_> = parts.collect();
        attributes.sort_unstable();
        Self {
            name,
            value,
            attributes,
        }
    }
}

/// Posts with these headers.
async fn post(server: &Server, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let mut request = server.door().request(Method::POST, path).json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.door().send(request).await
}

async fn log_in(server: &Server, headers: &[(&str, &str)]) -> Answer {
    let body = json!({ "username": "nora", "password": PASSWORD, "cookie": true });
    post(server, "/auth/login", &body, headers).await
}

/// Posts `{"cookie": true}` with the cookie.
async fn with_cookie(server: &Server, path: &str, value: &str) -> Answer {
    let cookie = format!("other=1; {NAME}={value}");
    post(
        server,
        path,
        &json!({ "cookie": true }),
        &[(COOKIE.as_str(), &cookie)],
    )
    .await
}

fn is_login(server: &Server, answer: &Answer) -> Value {
    let tokens = answer.clone().has(200).json();
    let members: Vec<_> = tokens.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["access_token", "expires_in", "token_type"]);
    assert_eq!(answer.header("cache-control"), "no-store");
    server
        .door()
        .keep_secret(tokens["access_token"].as_str().unwrap());
    tokens
}

async fn a_cookie_stands_for_the_refresh_token(setup: Setup) {
    let server = setup
        .set("AUDITOR_AUTH__REFRESH_TTL_S", "86400")
        .start()
        .await;
    let nora = server.register("nora").await;
    let answer = log_in(&server, &[]).await;
    is_login(&server, &answer);
    let mut kept = Kept::from(&server, &answer);
    for _ in 0..2 {
        let expected = [
            "HttpOnly",
            "Max-Age=86400",
            "Path=/api/v1/auth",
            "SameSite=Strict",
        ];
        assert_eq!(kept.attributes, expected);
        let answer = with_cookie(&server, "/auth/refresh", &kept.value).await;
        let tokens = is_login(&server, &answer);
        let next = Kept::from(&server, &answer);
        assert_ne!(next.value, kept.value, "each is good once");
        kept = next;
        let me = server.door().request(Method::GET, "/auth/me");
        let me = me.bearer_auth(text(&tokens["access_token"]));
        let me = server.door().send(me).await.has(200).json();
        assert_eq!(me["id"], nora.id.as_str());
    }
    // The API's own way sets no cookie, and a cookie alone is not asked for.
    let body = json!({ "username": "nora", "password": PASSWORD });
    let plain = post(&server, "/auth/login", &body, &[]).await.has(200);
    assert!(!plain.headers.contains_key(SET_COOKIE));
    server
        .door()
        .keep_secret(plain.json()["refresh_token"].as_str().unwrap());
    server
        .door()
        .keep_secret(plain.json()["access_token"].as_str().unwrap());
    let cookie = format!("{NAME}={}", kept.value);
    for body in [json!({}), json!({ "cookie": false })] {
        let answer = post(
            &server,
            "/auth/refresh",
            &body,
            &[(COOKIE.as_str(), &cookie)],
        )
        .await;
        answer.is_invalid_at("/refresh_token");
    }
    let none = post(&server, "/auth/refresh", &json!({ "cookie": true }), &[]).await;
    none.is_problem(401, "unauthenticated");
    server.finish().await;
}

async fn a_spent_cookie_that_comes_back_revokes_its_family(setup: Setup) {
    let server = setup.start().await;
    server.register("nora").await;
    let first = log_in(&server, &[]).await;
    is_login(&server, &first);
    let spent = Kept::from(&server, &first);
    let answer = with_cookie(&server, "/auth/refresh", &spent.value).await;
    is_login(&server, &answer);
    let newest = Kept::from(&server, &answer);
    for value in [&spent.value, &newest.value] {
        let answer = with_cookie(&server, "/auth/refresh", value).await;
        answer.is_problem(401, "unauthenticated");
        assert!(!answer.headers.contains_key(SET_COOKIE), "{answer:?}");
    }
    server.finish().await;
}

async fn a_logout_clears_the_cookie(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let answer = log_in(&server, &[]).await;
    is_login(&server, &answer);
    let kept = Kept::from(&server, &answer);
    let gone = with_cookie(&server, "/auth/logout", &kept.value)
        .await
        .has(204);
    let gone = Kept::from(&server, &gone);
    assert_eq!(gone.value, "");
    let expected = [
        "HttpOnly",
        "Max-Age=0",
        "Path=/api/v1/auth",
        "SameSite=Strict",
    ];
    assert_eq!(gone.attributes, expected);
    let answer = with_cookie(&server, "/auth/refresh", &kept.value).await;
    answer.is_problem(401, "unauthenticated");
    let none = post(&server, "/auth/logout", &json!({ "cookie": true }), &[]).await;
    none.is_problem(401, "unauthenticated");
    // The other login of the same account stands.
    nora.get("/auth/me").await.has(200);
    server.finish().await;
}

async fn pages_of_other_origins_may_not_use_it(setup: Setup) {
    let listed = "https://pages.example";
    let server = setup
        .set("AUDITOR_SERVER__ALLOWED_ORIGINS", listed)
        .start()
        .await;
    server.register("nora").await;
    let own = server.door().address();
    for origin in [own.as_str(), "https://pages.example"] {
        let answer = log_in(&server, &[(ORIGIN.as_str(), origin)]).await;
        is_login(&server, &answer);
        Kept::from(&server, &answer);
    }
    let answer = log_in(&server, &[]).await;
    is_login(&server, &answer);
    let kept = Kept::from(&server, &answer);
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = log_in(&server, &[(ORIGIN.as_str(), origin)]).await;
        answer.is_problem(403, "forbidden");
        for path in ["/auth/refresh", "/auth/logout"] {
            let cookie = format!("{NAME}={}", kept.value);
            let headers = [
                (COOKIE.as_str(), cookie.as_str()),
                (ORIGIN.as_str(), origin),
            ];
            let answer = post(&server, path, &json!({ "cookie": true }), &headers).await;
            answer.is_problem(403, "forbidden");
        }
    }
    // Nothing was spent or ended by it.
    let answer = with_cookie(&server, "/auth/refresh", &kept.value).await;
    is_login(&server, &answer);
    Kept::from(&server, &answer);
    server.finish().await;
}

async fn only_a_trusted_proxy_says_that_it_was_https(setup: Setup) {
    let untrusted = Setup::sqlite().start().await;
    let trusting = setup
        .set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
        .start()
        .await;
    for (server, said, expected) in [
        (&untrusted, "https", false),
        (&trusting, "https", true),
        (&trusting, "http", false),
        // What a client wrote stands before what the proxy added.
        (&trusting, "https, http", false),
        (&trusting, "http, https", true),
    ] {
        if server.door().calls().is_empty() {
            server.register("nora").await;
        }
        let answer = log_in(server, &[("x-forwarded-proto", said)]).await;
        is_login(server, &answer);
        let kept = Kept::from(server, &answer);
        let secure = kept.attributes.iter().any(|name| name == "Secure");
        assert_eq!(secure, expected, "{said}: {:?}", kept.attributes);
        assert_eq!(kept.name == SECURE_NAME, expected, "{said}");
        // By https only the name counts that nobody could have set by http.
        for (name, counts) in [(NAME, !expected), (SECURE_NAME, expected)] {
            let cookie = format!("{name}={}", kept.value);
            let headers = [(COOKIE.as_str(), &*cookie), ("x-forwarded-proto", said)];
            let answer = post(
                server,
                "/auth/refresh",
                &json!({ "cookie": true }),
                &headers,
            )
            .await;
            if counts {
                is_login(server, &answer);
                assert_eq!(Kept::from(server, &answer).name, name);
                break;
            }
            answer.is_problem(401, "unauthenticated");
        }
    }
    untrusted.finish().await;
    trusting.finish().await;
}
