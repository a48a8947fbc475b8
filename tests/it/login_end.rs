//! How a login ends on a live socket: with its token's time, or when somebody ends it.

use std::time::{Duration, Instant};

use chrono::Utc;
use serde_json::{Value, json};

use crate::harness::{Door, GLANCE, Incoming, PASSWORD, Person, Setup, Socket};
use crate::tokens::claims_of;

on_every_database!(
    a_live_socket_is_warned_refreshed_and_closed_at_the_end_of_its_token,
    the_end_of_a_login_closes_its_sockets_within_a_second,
);

async fn renew(door: &Door, person: &mut Person) {
    let body = json!({ "refresh_token": person.refresh });
    person.take(&door.post("/auth/refresh", &body).await.has(200).json());
}

async fn expires_with_a_warning(socket: &mut Socket) {
    assert_eq!(socket.next_frame().await.kind(), "token_expiring");
    match socket.read().await {
        Incoming::Closed(code) => assert_eq!(code, 4401),
        Incoming::Frame(frame) => panic!("{}", frame.text),
    }
}

async fn a_live_socket_is_warned_refreshed_and_closed_at_the_end_of_its_token(setup: Setup) {
    let server = setup.set("AUDITOR_AUTH__ACCESS_TTL_S", "5").start().await;
    let mut nora = server.register("nora").await;
    let (mut left, mut renewed) = (nora.connect().await, nora.connect().await);
    let begin = Instant::now();
    expires_with_a_warning(&mut left).await;
    assert!(
        begin.elapsed() <= Duration::from_secs(7),
        "{:?}",
        begin.elapsed()
    );
    // The other one has ended too, for it was not renewed either.
    expires_with_a_warning(&mut renewed).await;

    renew(server.door(), &mut nora).await;
    let mut socket = nora.connect().await;
    let first_end = claims_of(&nora.access)["exp"].as_i64().unwrap();
    let warning = socket.next_frame().await;
    assert_eq!(warning.kind(), "token_expiring", "{}", warning.text);
    // A token of a later second, so that the two ends can be told apart.
    while Utc::now().timestamp() <= first_end - 4 {
        tokio::time::sleep(GLANCE).await;
    }
    renew(server.door(), &mut nora).await;
    let second_end = claims_of(&nora.access)["exp"].as_i64().unwrap();
    assert!(second_end > first_end);
    let welcome = socket
        .command("authenticate", json!({ "token": nora.access }))
        .await;
    assert_eq!(welcome["type"], "welcome", "{welcome}");
    expires_with_a_warning(&mut socket).await;
    assert!(
        Utc::now().timestamp() >= second_end,
        "not at the end of the token before"
    );
    server.finish().await;
}

/// Waits for the close and fails the test unless it came within a second of `since`.
async fn is_revoked_at_once(mut socket: Socket, since: Instant, how: &str) {
    let (frames, code) = socket.until_closed().await;
    let after = since.elapsed();
    println!("{how}: closed after {after:?}");
    assert_eq!(code, 4503, "{how}: {frames:?}");
    assert!(after < Duration::from_secs(1), "{how}: {after:?}");
}

async fn the_end_of_a_login_closes_its_sockets_within_a_second(setup: Setup) {
    let server = setup.start().await;
    let keeper = server.register("nora").await;
    let mut kept = keeper.connect().await;

    let leaver = server.login("nora").await;
    let socket = leaver.connect().await;
    let body = json!({ "refresh_token": leaver.refresh });
    leaver.post("/auth/logout", &body).await.has(204);
    is_revoked_at_once(socket, Instant::now(), "logout").await;
    leaver
        .get("/auth/me")
        .await
        .is_problem(401, "unauthenticated");

    let mut robbed = server.login("nora").await;
    let spent = json!({ "refresh_token": robbed.refresh });
    let door = server.door();
    robbed.take(&door.post("/auth/refresh", &spent).await.has(200).json());
    let socket = robbed.connect().await;
    door.post("/auth/refresh", &spent).await.has(401);
    is_revoked_at_once(socket, Instant::now(), "reuse of a spent token").await;
    robbed
        .get("/auth/me")
        .await
        .is_problem(401, "unauthenticated");

    let elsewhere = server.login("nora").await;
    let socket = elsewhere.connect().await;
    let body = json!({ "current_password": PASSWORD, "new_password": "quite another sentence" });
    keeper.post("/auth/password", &body).await.has(204);
    is_revoked_at_once(socket, Instant::now(), "change of the password").await;
    elsewhere
        .get("/auth/me")
        .await
        .is_problem(401, "unauthenticated");

    let pong = kept.command("ping", Value::Null).await;
    assert_eq!(pong["type"], "pong", "one's own login goes on: {pong}");
    kept.close().await;
    server.finish().await;
}
