//! Accounts: who may come in, and under which name.

use serde_json::json;

use crate::harness::{Frame, PASSWORD, Setup};

on_every_database!(
    a_new_account_is_public_without_its_password,
    a_name_or_an_address_is_taken_once,
    what_is_wrong_with_an_account_is_pointed_at,
    registration_can_be_closed,
    me_needs_a_token,
    a_password_change_ends_the_other_logins,
    of_two_password_changes_at_once_one_wins,
    a_password_that_is_tried_first_is_refused,
);

async fn a_new_account_is_public_without_its_password(setup: Setup) {
    let server = setup.start().await;
    let body = json!({ "username": "nora.b", "email": "nora@example.org", "password": "ten characters and more" });
    server.door().keep_secret("ten characters and more");
    let user = server
        .door()
        .post("/auth/register", &body)
        .await
        .has(201)
        .json();
    assert_eq!(user["username"], "nora.b");
    assert_eq!(user["email"], "nora@example.org");
    let mut members: Vec<_> = user
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    members.sort_unstable();
    assert_eq!(members, ["created_at", "email", "id", "username"]);
    assert!(
        uuid::Uuid::try_parse(user["id"].as_str().unwrap()).is_ok(),
        "{user}"
    );
    is_a_time(user["created_at"].as_str().unwrap());
    server.finish().await;
}

async fn a_name_or_an_address_is_taken_once(setup: Setup) {
    let server = setup.start().await;
    server.register("nora").await;
    let again = json!({ "username": "nora", "email": "other@example.org", "password": "ten characters and more" });
    server
        .door()
        .post("/auth/register", &again)
        .await
        .is_problem(409, "username_taken");
    let again = json!({ "username": "other", "email": "nora@example.org", "password": "ten characters and more" });
    server
        .door()
        .post("/auth/register", &again)
        .await
        .is_problem(409, "email_taken");
    server.finish().await;
}

async fn what_is_wrong_with_an_account_is_pointed_at(setup: Setup) {
    let server = setup.start().await;
    let long = "x".repeat(65);
    let endless = "p".repeat(257);
    for (member, value) in [
        ("username", "no"),
        ("username", "with space"),
        ("username", "böse"),
        ("username", long.as_str()),
        ("email", "nowhere"),
        ("password", "too short"),
        ("password", endless.as_str()),
    ] {
        let mut body = json!({ "username": "nora", "email": "nora@example.org", "password": "ten characters and more" });
        body[member] = json!(value);
        let answer = server.door().post("/auth/register", &body).await;
        answer.is_invalid_at(&format!("/{member}"));
    }
    let short = json!({ "username": "nora", "email": "nora@example.org" });
    assert_eq!(
        server
            .door()
            .post("/auth/register", &short)
            .await
            .has(422)
            .json()["code"],
        "validation"
    );
    server.finish().await;
}

async fn registration_can_be_closed(setup: Setup) {
    let server = setup
        .set("AUDITOR_AUTH__REGISTRATION", "closed")
        .start()
        .await;
    let body = json!({ "username": "nora", "email": "nora@example.org", "password": "ten characters and more" });
    server
        .door()
        .post("/auth/register", &body)
        .await
        .is_problem(403, "registration_closed");
    server.finish().await;
}

async fn me_needs_a_token(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let me = nora.get("/auth/me").await.has(200).json();
    assert_eq!(me["username"], "nora");
    assert_eq!(me["id"], nora.id.as_str());
    server
        .door()
        .get("/auth/me")
        .await
        .is_problem(401, "unauthenticated");
    let query = format!(
        "/auth/me?access_token={}&token={}",
        nora.access, nora.access
    );
    server.door().get(&query).await.has(401);
    let mut forged = nora.clone();
    let (signed, signature) = nora.access.rsplit_once('.').unwrap();
    forged.access = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    forged.get("/auth/me").await.has(401);
    // {"alg":"none"} and the same claims.
    let claims = nora.access.split('.').nth(1).unwrap();
    forged.access = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    forged.get("/auth/me").await.has(401);
    server.finish().await;
}

async fn a_password_change_ends_the_other_logins(setup: Setup) {
    let server = setup.start().await;
    let mut nora = server.register("nora").await;
    let elsewhere = server.login("nora").await;
    let mut socket = elsewhere.connect().await;

    let wrong = json!({ "current_password": "not it, by a mile", "new_password": "quite another sentence" });
    nora.post("/auth/password", &wrong).await.has(401);
    let current = crate::harness::PASSWORD;
    let weak = json!({ "current_password": current, "new_password": "short" });
    nora.post("/auth/password", &weak)
        .await
        .is_invalid_at("/new_password");
    let change = json!({ "current_password": current, "new_password": "quite another sentence" });
    server.door().keep_secret("quite another sentence");
    nora.post("/auth/password", &change).await.has(204);

    let (_, code): (Vec<Frame>, u16) = socket.until_closed().await;
    assert_eq!(code, 4503);
    let spent = json!({ "refresh_token": elsewhere.refresh });
    server.door().post("/auth/refresh", &spent).await.has(401);
    let own = json!({ "refresh_token": nora.refresh });
    nora.take(
        &server
            .door()
            .post("/auth/refresh", &own)
            .await
            .has(200)
            .json(),
    );
    let old = json!({ "username": "nora", "password": current });
    server
        .door()
        .post("/auth/login", &old)
        .await
        .is_problem(401, "invalid_credentials");
    let new = json!({ "username": "nora", "password": "quite another sentence" });
    server.door().post("/auth/login", &new).await.has(200);
    server.finish().await;
}

async fn of_two_password_changes_at_once_one_wins(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let door = server.door();
    let mut current = PASSWORD.to_owned();
    for round in 0..6 {
        let wanted = ["left", "right"].map(|side| format!("the {side} bank, walk {round}"));
        let change = |next: &str| {
            door.keep_secret(next);
            let body = json!({ "current_password": current, "new_password": next });
            let nora = nora.clone();
            async move { nora.post("/auth/password", &body).await }
        };
        let answers = tokio::join!(change(&wanted[0]), change(&wanted[1]));
        let answers = [answers.0, answers.1];
        let won: Vec<bool> = answers.iter().map(|answer| answer.status == 204).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{answers:?}");
        for ((answer, won), password) in answers.iter().zip(won).zip(&wanted) {
            let login = json!({ "username": "nora", "password": password });
            let login = door.post("/auth/login", &login).await;
            if won {
                door.keep_secret(login.has(200).json()["access_token"].as_str().unwrap());
                current.clone_from(password);
            } else {
                answer.is_problem(401, "invalid_credentials");
                login.is_problem(401, "invalid_credentials");
            }
        }
    }
    server.finish().await;
}

async fn a_password_that_is_tried_first_is_refused(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora.b").await;
    for (bad, why) in [
        ("Password2026!", "most used"),
        ("1234567890", "most used"),
        ("qwertyuiop", "most used"),
        ("Nora.B-2026", "own name"),
        ("          ", "blank"),
        ("aaaaaaaaaaaa", "different characters"),
    ] {
        let account =
            json!({ "username": "nora.b2", "email": "nora.b@example.org", "password": bad });
        let change = json!({ "current_password": PASSWORD, "new_password": bad });
        for (answer, pointer) in [
            (
                server.door().post("/auth/register", &account).await,
                "/password",
            ),
            (nora.post("/auth/password", &change).await, "/new_password"),
        ] {
            let body = answer.is_invalid_at(pointer);
            let detail = body["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(why), "{bad}: {detail}");
        }
    }
    server.finish().await;
}

/// RFC 3339 in UTC with `Z` and milliseconds.
fn is_a_time(text: &str) {
    assert!(chrono::DateTime::parse_from_rfc3339(text).is_ok(), "{text}");
    assert!(
        text.len() == "2026-01-01T00:00:00.000Z".len() && text.ends_with('Z'),
        "{text}"
    );
}
