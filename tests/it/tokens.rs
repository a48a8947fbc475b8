//! Access tokens: forged ones, keys that change, what is logged of them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Door, Knock, Person, Setup};

on_every_database!(
    forged_tokens_are_refused_at_both_doors,
    another_algorithm_is_refused_by_a_server_with_a_key_pair,
    secrets_rotate_while_the_server_runs,
    key_pairs_rotate_while_the_server_runs,
    no_token_is_ever_logged,
);

const SECRET: &str = "the secret of this very test server";
const OTHER_SECRET: &str = "quite another secret, as long as the first";

/// Made for these tests with `openssl genpkey -algorithm ed25519`, and their public halves.
const PAIRS: [(&str, &str); 2] = [
    (
        "MC4CAQAwBQYDK2VwBCIEIFK2+42b3gLZ3skjOk4n2rl16NUHeMNJk11Juqn4zGVo",
        "MCowBQYDK2VwAyEABgcC15oCDMa5w4iNatU1LD3YhVcjZagY6SVd5tdCvWg=",
    ),
    (
        "MC4CAQAwBQYDK2VwBCIEIC4xo9SlHQe2u/I80rtq22AtGibdTBP7H6YmXtvCibWh",
        "MCowBQYDK2VwAyEA8S2lpGGzv12T49mbKfZUF5yts7lfpG8vhTMsOov3Eac=",
    ),
];

const READ_AGAIN: &str = "the signing keys were read again";

fn private_pem(pair: usize) -> String {
    let text = PAIRS[pair].0;
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

fn public_pem(pair: usize) -> String {
    let text = PAIRS[pair].1;
    format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
}

pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The claims with one of them changed, or without it.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    if value.is_null() {
        changed.as_object_mut().unwrap().remove(name);
    } else {
        changed[name] = value;
    }
    changed
}

fn sign(algorithm: Algorithm, claims: &Value, key: &EncodingKey) -> String {
    encode(&Header::new(algorithm), claims, key).unwrap()
}

fn hs256(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    sign(Algorithm::HS256, claims, &key)
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// What must be refused, each with what is wrong with it.
fn forgeries(nora: &Person, stranger: &Person) -> Vec<(&'static str, String)> {
    let good = claims_of(&nora.access);
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let pair = EncodingKey::from_ed_pem(private_pem(0).as_bytes()).unwrap();
    let other = EncodingKey::from_secret(OTHER_SECRET.as_bytes());
    let now = Utc::now().timestamp();
    let head = |alg: &str| json!({ "alg": alg, "typ": "JWT" });
    let signature = nora.access.rsplit('.').next().unwrap();
    let mut all = vec![
        ("none", format!("{}.", unsigned(&head("none"), &good))),
        ("None", format!("{}.", unsigned(&head("None"), &good))),
        (
            "none, signed",
            format!("{}.{signature}", unsigned(&head("none"), &good)),
        ),
        (
            "no signature",
            format!("{}.", unsigned(&head("HS256"), &good)),
        ),
        (
            "RS256",
            format!("{}.{signature}", unsigned(&head("RS256"), &good)),
        ),
        ("HS512", sign(Algorithm::HS512, &good, &secret)),
        ("HS384", sign(Algorithm::HS384, &good, &secret)),
        ("EdDSA", sign(Algorithm::EdDSA, &good, &pair)),
        ("another key", sign(Algorithm::HS256, &good, &other)),
        ("expired", hs256(&with(&good, "exp", json!(now - 1)))),
        ("not yet valid", hs256(&with(&good, "nbf", json!(now + 60)))),
        ("issuer", hs256(&with(&good, "iss", json!("somebody else")))),
        (
            "audience",
            hs256(&with(&good, "aud", json!("another service"))),
        ),
        (
            "another's login",
            hs256(&with(
                &good,
                "sid",
                claims_of(&stranger.access)["sid"].clone(),
            )),
        ),
        (
            "another's name",
            hs256(&with(
                &good,
                "sub",
                claims_of(&stranger.access)["sub"].clone(),
            )),
        ),
        (
            "a login that never was",
            hs256(&with(&good, "sid", json!(uuid::Uuid::now_v7()))),
        ),
        (
            "too long",
            hs256(&with(&good, "pad", json!("x".repeat(5000)))),
        ),
        ("two tokens", format!("{0}{0}", nora.access)),
    ];
    for name in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid"] {
        all.push((name, hs256(&with(&good, name, Value::Null))));
    }
    all
}

async fn me(door: &Door, token: &str) -> u16 {
    let request = door.request(Method::GET, "/auth/me").bearer_auth(token);
    door.send(request).await.status
}

async fn forged_tokens_are_refused_at_both_doors(setup: Setup) {
    let server = setup
        .set("AUDITOR_JWT_SECRET", SECRET)
        .set("AUDITOR_LOG", "debug")
        .start()
        .await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let door = server.door();
    // The forger's tools work: what they make of nothing but true claims is taken, even without a
    // key's name.
    let copy = hs256(&claims_of(&nora.access));
    door.keep_secret(&copy);
    assert_eq!(me(door, &copy).await, 200);

    for (wrong, token) in forgeries(&nora, &otto) {
        door.keep_secret(&token);
        door.keep_secret(&URL_SAFE_NO_PAD.encode(&token));
        let request = door.request(Method::GET, "/auth/me").bearer_auth(&token);
        let answer = door.send(request).await;
        let expired = wrong == "expired";
        let code = if expired {
            "token_expired"
        } else {
            "unauthenticated"
        };
        assert_eq!(answer.json()["code"], code, "{wrong}");
        answer.is_problem(401, code);
        assert!(!answer.text.contains(&token), "{wrong}");

        let by_header = Knock::at(door).bearer(&token).open().await;
        let mut by_message = Knock::at(door).open().await;
        let command = json!({ "type": "authenticate", "data": { "token": token } });
        by_message.send_text(&command.to_string()).await;
        for mut socket in [by_header, by_message] {
            let (frames, closed) = socket.until_closed().await;
            assert_eq!(closed, if expired { 4401 } else { 4501 }, "{wrong}");
            assert_eq!(frames.len(), 1, "{wrong}: {frames:?}");
            assert_eq!(frames[0].value["error"]["code"], code, "{wrong}");
            assert!(!frames[0].text.contains(&token), "{wrong}");
        }
    }
    server.finish().await;
}

async fn another_algorithm_is_refused_by_a_server_with_a_key_pair(setup: Setup) {
    let directory = TempDir::new().unwrap();
    let key = directory.path().join("key.pem");
    put(&key, &private_pem(0));
    let server = setup
        .set("AUDITOR_AUTH__SIGNING_KEY_FILE", key.to_str().unwrap())
        .start()
        .await;
    let nora = server.register("nora").await;
    nora.connect().await.close().await;
    let header = jsonwebtoken::decode_header(&nora.access).unwrap();
    assert_eq!(header.alg, Algorithm::EdDSA);

    let door = server.door();
    let good = claims_of(&nora.access);
    // The oldest trick: what everybody may know, the public key, as the secret of an HMAC.
    let public = public_pem(0);
    let der = base64::engine::general_purpose::STANDARD
        .decode(PAIRS[0].1)
        .unwrap();
    let materials = [
        public.as_bytes(),
        public.trim_end().as_bytes(),
        &der,
        &der[12..],
    ];
    for material in materials {
        let secret = EncodingKey::from_secret(material);
        for name in [None, header.kid.clone()] {
            let mut forged = Header::new(Algorithm::HS256);
            forged.kid = name;
            let token = encode(&forged, &good, &secret).unwrap();
            assert_eq!(me(door, &token).await, 401);
            let mut socket = Knock::at(door).subprotocol(&token).open().await;
            assert_eq!(socket.until_closed().await.1, 4501);
        }
    }
    let other = EncodingKey::from_ed_pem(private_pem(1).as_bytes()).unwrap();
    assert_eq!(me(door, &sign(Algorithm::EdDSA, &good, &other)).await, 401);
    server.finish().await;
}

fn put(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Rotates twice with a broken file in between; `text` makes the content of the current file, and of
/// the previous one.
async fn rotates(
    setup: Setup,
    keys: [&str; 2],
    text: fn(usize) -> String,
    previous_text: fn(usize) -> String,
) {
    let directory = TempDir::new().unwrap();
    let [current, previous] = ["current", "previous"].map(|name| directory.path().join(name));
    put(&current, &text(0));
    put(&previous, &previous_text(0));
    let server = setup
        .set(keys[0], current.to_str().unwrap())
        .set(keys[1], previous.to_str().unwrap())
        .start()
        .await;
    let nora = server.register("nora").await;
    let door = server.door();
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();

    put(&current, &text(1));
    server.hang_up(READ_AGAIN).await;
    let newer = server.login("nora").await;
    assert_ne!(kid(&newer.access), kid(&nora.access));
    for person in [&nora, &newer] {
        assert_eq!(me(door, &person.access).await, 200, "both keys are read");
        person.connect().await.close().await;
    }

    put(&current, "no key at all");
    server.hang_up("the signing keys stay as they were").await;
    for person in [&nora, &newer] {
        assert_eq!(me(door, &person.access).await, 200, "nothing has changed");
    }

    put(&current, &text(1));
    put(&previous, &previous_text(1));
    server.hang_up(READ_AGAIN).await;
    assert_eq!(me(door, &nora.access).await, 401, "its key is gone");
    assert_eq!(me(door, &newer.access).await, 200);
    // The refresh token is not signed with anything.
    let body = json!({ "refresh_token": nora.refresh });
    let tokens = door.post("/auth/refresh", &body).await.has(200).json();
    let mut nora = nora;
    nora.take(&tokens);
    assert_eq!(me(door, &nora.access).await, 200);
    server.recorded("keys_reloaded", 2).await;
    server.finish().await;
}

async fn secrets_rotate_while_the_server_runs(setup: Setup) {
    let text = |n: usize| [SECRET, OTHER_SECRET][n].to_owned();
    let keys = [
        "AUDITOR_AUTH__SECRET_FILE",
        "AUDITOR_AUTH__PREVIOUS_SECRET_FILE",
    ];
    rotates(setup, keys, text, text).await;
}

async fn key_pairs_rotate_while_the_server_runs(setup: Setup) {
    let keys = [
        "AUDITOR_AUTH__SIGNING_KEY_FILE",
        "AUDITOR_AUTH__PREVIOUS_SIGNING_KEY_FILE",
    ];
    rotates(setup, keys, private_pem, public_pem).await;
}

/// The whole of it at the most talkative level; `finish` looks for each of these in what was printed.
async fn no_token_is_ever_logged(setup: Setup) {
    let server = setup
        .set("AUDITOR_JWT_SECRET", SECRET)
        .set("AUDITOR_LOG", "trace")
        .start()
        .await;
    let door = server.door().clone();
    door.keep_secret(SECRET);
    let mut nora = server.register("nora").await;
    nora.connect().await.close().await;
    let encoded = URL_SAFE_NO_PAD.encode(&nora.access);
    door.keep_secret(&encoded);
    let mut socket = Knock::at(&door).subprotocol(&nora.access).open().await;
    socket.next_frame().await;
    let renewal = json!({ "token": nora.access });
    socket.command("authenticate", renewal).await;
    socket.close().await;
    let forged = hs256(&with(
        &claims_of(&nora.access),
        "iss",
        json!("somebody else"),
    ));
    door.keep_secret(&forged);
    door.keep_secret(&URL_SAFE_NO_PAD.encode(&forged));
    for knock in [
        Knock::at(&door).bearer(&forged),
        Knock::at(&door).subprotocol(&forged),
    ] {
        assert_eq!(knock.open().await.until_closed().await.1, 4501);
    }
    let path = format!("/ws?access_token={}", nora.access);
    Knock::at_path(&door, &path).refused().await.has(400);
    let spent = json!({ "refresh_token": nora.refresh });
    nora.take(&door.post("/auth/refresh", &spent).await.has(200).json());
    door.post("/auth/refresh", &spent).await.has(401);
    let made_up = "made-up-refresh-token-of-nobody";
    door.keep_secret(made_up);
    door.post("/auth/refresh", &json!({ "refresh_token": made_up }))
        .await
        .has(401);
    let typed = "the password in the field of the name";
    door.keep_secret(typed);
    let body = json!({ "username": typed, "password": "whatever it may be" });
    door.post("/auth/login", &body).await.has(401);
    server.recorded("login_failed", 1).await;
    let record = format!("{:?}", server.security_log(&[]));
    for secret in door.secrets() {
        assert!(!record.contains(&secret), "{record}");
    }
    assert!(server.printed().contains("TRACE"), "it does talk");
    server.finish().await;
}
