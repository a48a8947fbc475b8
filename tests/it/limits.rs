//! Limits by address, account and user; where a client's address comes from; waits that are true.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Door, Knock, PASSWORD, Setup};

on_every_database!(
    a_guesser_is_limited_and_the_owner_gets_in,
    guessing_from_many_addresses_is_slowed_and_the_owner_gets_in,
    a_client_is_what_a_configured_proxy_says,
    only_a_configured_proxy_is_believed,
    registrations_of_an_address_are_limited,
    renewals_and_logouts_of_an_address_are_limited,
    deletions_of_a_user_are_limited,
    sockets_of_an_address_are_limited,
    foreign_origins_are_bounded_and_use_up_nobody_elses_sockets,
    retry_after_is_true,
    retry_after_ms_is_true,
);

const WRONG: &str = "not the right one";

fn behind_a_proxy(setup: Setup) -> Setup {
    setup.set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
}

async fn login(door: &Door, name: &str, password: &str, forwarded: &str) -> Answer {
    let request = door
        .request(Method::POST, "/auth/login")
        .header("X-Forwarded-For", forwarded)
        .json(&json!({ "username": name, "password": password }));
    door.send(request).await
}

/// Fails the test unless it is a refusal that says when to come back; so many seconds.
fn is_limited(answer: &Answer) -> u64 {
    answer.is_problem(429, "rate_limited");
    answer.header("retry-after").parse().unwrap()
}

async fn a_guesser_is_limited_and_the_owner_gets_in(setup: Setup) {
    let setup = behind_a_proxy(setup).limit("logins_per_minute", 3);
    let server = setup.start().await;
    let door = server.door();
    server.register("nora").await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let answer = login(door, "nora", WRONG, "203.0.113.66").await;
        if answer.status == 429 {
            assert!((1..=20).contains(&is_limited(&answer)), "{answer:?}");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    // Not even the right password helps the guesser now.
    is_limited(&login(door, "nora", PASSWORD, "203.0.113.66").await);
    // From an address that has never been seen before.
    let answer = login(door, "nora", PASSWORD, "198.51.100.1").await.has(200);
    door.keep_secret(answer.json()["access_token"].as_str().unwrap());
    server.finish().await;
}

async fn guessing_from_many_addresses_is_slowed_and_the_owner_gets_in(setup: Setup) {
    // One account takes five addresses' worth from strangers.
    let setup = behind_a_proxy(setup).limit("logins_per_minute", 2);
    let server = setup.start().await;
    let door = server.door();
    server.register("nora").await;
    let own = "198.51.100.1";
    login(door, "nora", PASSWORD, own).await.has(200);
    let begin = Instant::now();
    let mut refused = 0;
    for n in 0..30 {
        let answer = login(door, "nora", WRONG, &format!("203.0.113.{n}")).await;
        if answer.status == 429 {
            assert!((1..=6).contains(&is_limited(&answer)), "{answer:?}");
            refused += 1;
        }
    }
    // One place becomes free each six seconds, beside the ten at once, of which registering took one
    // from the harness's own address and the owner another.
    let free = 10 + begin.elapsed().as_secs() / 6 + 1;
    assert!(refused >= 30 - free, "{refused} of 30, {free} free");
    // Nobody else's failures keep the owner out of where the owner has been.
    login(door, "nora", PASSWORD, own).await.has(200);
    server.finish().await;
}

async fn a_client_is_what_a_configured_proxy_says(setup: Setup) {
    let setup = behind_a_proxy(setup).limit("logins_per_minute", 1);
    let server = setup.start().await;
    let door = server.door();
    let attempt = async |forwarded: &str| {
        let name = format!("nobody-{}", uuid::Uuid::now_v7().simple());
        login(door, &name, WRONG, forwarded).await.status
    };
    assert_eq!(attempt("203.0.113.1").await, 401);
    assert_eq!(attempt("203.0.113.2").await, 401);
    // What the client itself wrote stands on the left and counts for nothing.
    assert_eq!(attempt("192.0.2.1, 203.0.113.1").await, 429);
    assert_eq!(attempt("203.0.113.3, 203.0.113.2").await, 429);
    // A proxy of one's own in between is passed over.
    assert_eq!(attempt("203.0.113.2, 127.0.0.1").await, 429);
    // A network of IPv6 is one client.
    assert_eq!(attempt("2001:db8:1:2::1").await, 401);
    assert_eq!(attempt("2001:db8:1:2:ffff::9").await, 429);
    assert_eq!(attempt("2001:db8:1:3::1").await, 401);
    assert_eq!(attempt("::ffff:203.0.113.1").await, 429);
    // Another header is not asked.
    let other = door
        .request(Method::POST, "/auth/login")
        .header("X-Forwarded-For", "203.0.113.1")
        .header("Forwarded", "for=192.0.2.99")
        .header("X-Real-IP", "192.0.2.98")
        .json(&json!({ "username": "nobody", "password": WRONG }));
    is_limited(&door.send(other).await);
    server.finish().await;
}

async fn only_a_configured_proxy_is_believed(setup: Setup) {
    let setup = setup
        .set("AUDITOR_SERVER__TRUSTED_PROXIES", "10.0.0.0/8")
        .limit("logins_per_minute", 2);
    let server = setup.start().await;
    let mut statuses = Vec::new();
    for n in 0..4 {
        let forwarded = format!("203.0.113.{n}");
        statuses.push(
            login(server.door(), "nobody", WRONG, &forwarded)
                .await
                .status,
        );
    }
    assert_eq!(statuses, [401, 401, 429, 429]);
    server.finish().await;
}

async fn registrations_of_an_address_are_limited(setup: Setup) {
    let setup = behind_a_proxy(setup).limit("registrations_per_hour", 2);
    let server = setup.start().await;
    let door = server.door();
    let register = async |name: &str, forwarded: &str| {
        let body = json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD });
        let request = door
            .request(Method::POST, "/auth/register")
            .header("X-Forwarded-For", forwarded)
            .json(&body);
        door.send(request).await
    };
    for name in ["one", "two"] {
        register(name, "203.0.113.1").await.has(201);
    }
    let wait = is_limited(&register("three", "203.0.113.1").await);
    assert!((1700..=1800).contains(&wait), "{wait}");
    register("three", "203.0.113.2").await.has(201);
    server.finish().await;
}

async fn renewals_and_logouts_of_an_address_are_limited(setup: Setup) {
    let setup = behind_a_proxy(setup).limit("renewals_per_minute", 3);
    let server = setup.start().await;
    let door = server.door();
    let bring = async |path: &str, forwarded: &str| {
        let request = door
            .request(Method::POST, path)
            .header("X-Forwarded-For", forwarded)
            .json(&json!({ "refresh_token": "made up" }));
        door.send(request).await
    };
    let (refresh, logout) = ("/auth/refresh", "/auth/logout");
    bring(refresh, "203.0.113.1").await.has(401);
    bring(logout, "203.0.113.1").await.has(204);
    bring(refresh, "203.0.113.1").await.has(401);
    for path in [refresh, logout] {
        let wait = is_limited(&bring(path, "203.0.113.1").await);
        assert!((1..=20).contains(&wait), "{wait}");
        bring(path, "203.0.113.2").await;
    }
    bring(refresh, "203.0.113.2").await.has(401);
    server.finish().await;
}

async fn deletions_of_a_user_are_limited(setup: Setup) {
    // One in two seconds.
    let server = setup.limit("deletes_per_minute", 30).start().await;
    let (nora, otto) = (server.register("nora").await, server.register("otto").await);
    let kept = nora.create_evaluation().await;
    let path = format!("/evaluations/{kept}");
    let nothing = format!("/evaluations/{}", uuid::Uuid::now_v7());
    let begin = Instant::now();
    let mut found = 0;
    while nora.delete(&nothing).await.status == 404 {
        found += 1;
    }
    let more = begin.elapsed().as_secs() / 2 + 1;
    assert!((30..=30 + more).contains(&found), "{found}");
    let wait = is_limited(&nora.delete(&path).await);
    assert!((1..=2).contains(&wait), "{wait}");
    nora.evaluation(&kept).await;
    otto.delete(&nothing).await.has(404);
    tokio::time::sleep(Duration::from_secs(wait)).await;
    nora.delete(&path).await.has(204);
    server.finish().await;
}

async fn sockets_of_an_address_are_limited(setup: Setup) {
    let setup = behind_a_proxy(setup).limit("connections_per_minute", 3);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let knock = |forwarded: &str| {
        Knock::at(server.door())
            .bearer(&nora.access)
            .header("X-Forwarded-For", forwarded)
    };
    for _ in 0..3 {
        knock("203.0.113.1").open().await.close().await;
    }
    let wait = is_limited(&knock("203.0.113.1").refused().await);
    assert!((1..=20).contains(&wait), "{wait}");
    knock("203.0.113.2").open().await.close().await;
    server.finish().await;
}

async fn foreign_origins_are_bounded_and_use_up_nobody_elses_sockets(setup: Setup) {
    let server = setup.limit("connections_per_minute", 3).start().await;
    let nora = server.register("nora").await;
    let foreign = || Knock::at(server.door()).header("Origin", "http://evil.example");
    for _ in 0..3 {
        foreign().refused().await.is_problem(403, "forbidden");
    }
    for _ in 0..3 {
        is_limited(&foreign().refused().await);
    }
    // The page was open in somebody's browser, whose own sockets are another matter.
    nora.connect().await.close().await;
    assert_eq!(server.recorded("origin_refused", 1).await.len(), 1);
    server.finish().await;
}

async fn retry_after_is_true(setup: Setup) {
    // One a second and a half.
    let server = setup.limit("connections_per_minute", 40).start().await;
    let knock = || {
        Knock::at(server.door())
            .header("Origin", "http://evil.example")
            .refused()
    };
    let mut waits = 0;
    // Half a second is lost where the whole seconds of the header round it up.
    while waits < 2 {
        let answer = knock().await;
        if answer.status == 403 {
            continue;
        }
        let wait = is_limited(&answer);
        assert!((1..=2).contains(&wait), "{wait}");
        tokio::time::sleep(Duration::from_secs(wait)).await;
        knock().await.has(403);
        waits += 1;
    }
    server.finish().await;
}

async fn retry_after_ms_is_true(setup: Setup) {
    // One in four seconds.
    let server = setup.limit("starts_per_minute", 15).start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    // What is limited is the start, whatever becomes of it.
    let start = json!({ "session_id": uuid::Uuid::now_v7() });
    let (refusal, asked) = loop {
        let asked = Instant::now();
        let error = socket.refused("start_evaluation", start.clone()).await;
        if error["code"] == "rate_limited" {
            break (error, asked);
        }
        assert_eq!(error["code"], "not_found");
    };
    let wait = Duration::from_millis(refusal["retry_after_ms"].as_u64().unwrap());
    assert!(wait <= Duration::from_secs(4), "{wait:?}");
    // A little before it is too early; the server counted from later than `asked`.
    let early = wait.saturating_sub(Duration::from_millis(500));
    tokio::time::sleep_until((asked + early).into()).await;
    let error = socket.refused("start_evaluation", start.clone()).await;
    assert_eq!(error["code"], "rate_limited", "{error}");
    let left = Duration::from_millis(error["retry_after_ms"].as_u64().unwrap());
    tokio::time::sleep(left).await;
    let error = socket.refused("start_evaluation", start).await;
    assert_eq!(error["code"], "not_found", "{error}");
    socket.close().await;
    server.finish().await;
}
