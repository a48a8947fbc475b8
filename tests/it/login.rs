//! Logins and their refresh tokens.

use reqwest::Method;
use serde_json::json;

use crate::harness::{PASSWORD, Setup};

on_every_database!(
    a_stranger_and_a_wrong_password_get_the_same_answer,
    the_oauth2_form_logs_in_too,
    a_refresh_token_is_spent_once,
    a_spent_token_that_comes_back_revokes_its_family,
    a_refresh_whose_answer_was_lost_is_repeated_under_its_own_id,
    a_logout_closes_the_sockets_of_that_login_only,
    logins_are_limited,
);

async fn a_stranger_and_a_wrong_password_get_the_same_answer(setup: Setup) {
    let server = setup.start().await;
    server.register("nora").await;
    let mut answers = ["nora", "nobody.of.that.name"].map(|name| (name, json!(null)));
    for (name, answer) in &mut answers {
        let body = json!({ "username": name, "password": "not the right one" });
        *answer = server
            .door()
            .post("/auth/login", &body)
            .await
            .is_problem(401, "invalid_credentials");
        answer.as_object_mut().unwrap().remove("request_id");
    }
    assert_eq!(answers[0].1, answers[1].1);
    server.finish().await;
}

async fn the_oauth2_form_logs_in_too(setup: Setup) {
    let server = setup.start().await;
    let mut nora = server.register("nora").await;
    let password = PASSWORD.replace(' ', "+");
    let form = |body: String| {
        server
            .door()
            .request(Method::POST, "/auth/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let right = form(format!(
        "grant_type=password&username=nora&password={password}"
    ));
    let tokens = server.door().send(right).await.has(200).json();
    assert_eq!(tokens["expires_in"], 900, "{tokens}");
    nora.take(&tokens);
    nora.get("/auth/me").await.has(200);
    for other in ["client_credentials", ""] {
        let body = format!("grant_type={other}&username=nora&password={password}");
        let answer = server.door().send(form(body)).await;
        answer.is_invalid_at("/grant_type");
    }
    let without = form(format!("username=nora&password={password}"));
    server.door().send(without).await.has(200);
    let wrong = form("grant_type=password&username=nora&password=wrong+password".to_owned());
    server
        .door()
        .send(wrong)
        .await
        .is_problem(401, "invalid_credentials");
    server.finish().await;
}

async fn a_refresh_token_is_spent_once(setup: Setup) {
    let server = setup.start().await;
    let mut nora = server.register("nora").await;
    for _ in 0..3 {
        let before = nora.refresh.clone();
        let body = json!({ "refresh_token": before });
        nora.take(
            &server
                .door()
                .post("/auth/refresh", &body)
                .await
                .has(200)
                .json(),
        );
        assert_ne!(nora.refresh, before);
        nora.get("/auth/me").await.has(200);
    }
    let unknown = json!({ "refresh_token": "never-issued-by-anybody" });
    server.door().post("/auth/refresh", &unknown).await.has(401);
    server.finish().await;
}

async fn a_spent_token_that_comes_back_revokes_its_family(setup: Setup) {
    let server = setup.start().await;
    let mut nora = server.register("nora").await;
    let other_login = server.login("nora").await;
    let spent = json!({ "refresh_token": nora.refresh });
    nora.take(
        &server
            .door()
            .post("/auth/refresh", &spent)
            .await
            .has(200)
            .json(),
    );
    server.door().post("/auth/refresh", &spent).await.has(401);
    let newest = json!({ "refresh_token": nora.refresh });
    server.door().post("/auth/refresh", &newest).await.has(401);
    let other = json!({ "refresh_token": other_login.refresh });
    let tokens = server
        .door()
        .post("/auth/refresh", &other)
        .await
        .has(200)
        .json();
    server
        .door()
        .keep_secret(tokens["access_token"].as_str().unwrap());
    server.finish().await;
}

async fn a_refresh_whose_answer_was_lost_is_repeated_under_its_own_id(setup: Setup) {
    let server = setup.start().await;
    let door = server.door();
    let ids = ["the id of the first request", "an id that a thief made up"];
    let refresh = |token: String, id: Option<&str>| {
        let body = json!({ "refresh_token": token, "client_request_id": id });
        async move { door.post("/auth/refresh", &body).await }
    };
    let mut nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    let first = nora.refresh.clone();
    // The answers are lost: what they say is never used.
    let mut lost = Vec::new();
    for _ in 0..2 {
        let answer = refresh(first.clone(), Some(ids[0])).await.has(200).json();
        door.keep_secret(answer["access_token"].as_str().unwrap());
        lost.push(crate::harness::text(&answer["refresh_token"]));
    }
    nora.take(&refresh(first.clone(), Some(ids[0])).await.has(200).json());
    assert!(!lost.contains(&nora.refresh), "each is told once");
    let pong = socket.command("ping", json!(null)).await;
    assert_eq!(pong["type"], "pong", "nothing was ended by it: {pong}");
    // Once the successor was used, the answer had come: a repetition is a theft.
    let second = nora.refresh.clone();
    nora.take(&refresh(second, Some(ids[1])).await.has(200).json());
    refresh(first, Some(ids[0]))
        .await
        .is_problem(401, "unauthenticated");
    assert_eq!(socket.until_closed().await.1, 4503);
    refresh(nora.refresh.clone(), Some(ids[1])).await.has(401);

    // Without its id, or with another, a spent token ends its login, however soon it comes.
    for id in [None, Some(ids[1])] {
        let mut robbed = server.login("nora").await;
        let spent = robbed.refresh.clone();
        robbed.take(&refresh(spent.clone(), Some(ids[0])).await.has(200).json());
        refresh(spent.clone(), id)
            .await
            .is_problem(401, "unauthenticated");
        refresh(robbed.refresh, None).await.has(401);
    }
    // What took a lost answer's place leaves nothing to be had from it.
    let mut robbed = server.login("nora").await;
    let spent = robbed.refresh.clone();
    let lost = refresh(spent.clone(), Some(ids[0])).await.has(200).json();
    door.keep_secret(lost["access_token"].as_str().unwrap());
    robbed.take(&refresh(spent, Some(ids[0])).await.has(200).json());
    let stolen = crate::harness::text(&lost["refresh_token"]);
    refresh(stolen, None)
        .await
        .is_problem(401, "unauthenticated");
    refresh(robbed.refresh, None).await.has(401);
    server.finish().await;
}

async fn a_logout_closes_the_sockets_of_that_login_only(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let other_login = server.login("nora").await;
    let (mut first, mut second) = (nora.connect().await, nora.connect().await);
    let mut other = other_login.connect().await;

    nora.post("/auth/logout", &json!({ "refresh_token": nora.refresh }))
        .await
        .has(204);
    assert_eq!(first.until_closed().await.1, 4503);
    assert_eq!(second.until_closed().await.1, 4503);
    server
        .door()
        .post("/auth/refresh", &json!({ "refresh_token": nora.refresh }))
        .await
        .has(401);

    let pong = other.command("ping", json!("still there?")).await;
    assert_eq!(pong["type"], "pong", "{pong}");
    other.close().await;
    server.finish().await;
}

async fn logins_are_limited(setup: Setup) {
    let server = setup.limit("logins_per_minute", 3).start().await;
    let body = json!({ "username": "nobody", "password": "not the right one" });
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = server.door().post("/auth/login", &body).await;
        if answer.status == 429 {
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert!(seconds <= 60, "{seconds}");
            answer.is_problem(429, "rate_limited");
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429, 429]);
    server.finish().await;
}
