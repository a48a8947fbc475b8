//! The record of security events, and the operator's commands.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Knock, PASSWORD, Setup};

on_every_database!(
    what_matters_is_recorded,
    the_record_can_be_searched,
    no_call_reaches_the_record,
    the_first_account_of_a_closed_server_is_made_by_its_operator,
    an_account_of_the_command_line_has_to_hold_to_the_same_rules,
);

const WRONG: &str = "not the right one";

async fn what_matters_is_recorded(setup: Setup) {
    let setup = setup
        .set("AUDITOR_SERVER__TRUSTED_PROXIES", "127.0.0.1/32")
        .limit("logins_per_minute", 6);
    let server = setup.start().await;
    let door = server.door();
    let mut nora = server.register("nora").await;
    let registered = server.recorded("registered", 1).await;
    assert_eq!(registered[0]["user_id"], nora.id.as_str());
    assert_eq!(registered[0]["username"], "nora");
    assert_eq!(registered[0]["address"], "127.0.0.1");
    let login = server.recorded("login", 1).await;
    assert!(uuid::Uuid::try_parse(login[0]["subject"].as_str().unwrap()).is_ok());

    // A name is told only where it is an account's: it may be a password in the wrong field.
    let attempt = async |name: &str| {
        let request = door
            .request(Method::POST, "/auth/login")
            .header("X-Forwarded-For", "203.0.113.66")
            .json(&json!({ "username": name, "password": WRONG }));
        door.send(request).await.status
    };
    assert_eq!(attempt("NORA").await, 401);
    server.recorded("login_failed", 1).await;
    assert_eq!(attempt("hunter22-in-the-wrong-field").await, 401);
    let failed = server.recorded("login_failed", 2).await;
    assert_eq!(failed[0]["username"], "nora");
    assert_eq!(failed[1]["username"], Value::Null);
    assert_eq!(failed[1]["address"], "203.0.113.66");
    for _ in 0..4 {
        assert_eq!(attempt("nobody").await, 401);
    }
    for _ in 0..3 {
        assert_eq!(attempt("nobody").await, 429);
    }
    server.recorded("login_limited", 1).await;

    let foreign = Knock::at(door).header("Origin", "http://evil.example");
    foreign.refused().await.has(403);
    let refused = server.recorded("origin_refused", 1).await;
    let detail = refused[0]["detail"].as_str().unwrap();
    assert!(detail.contains("http://evil.example"), "{detail}");

    let mut forger = nora.clone();
    forger.access.push('x');
    for _ in 0..3 {
        forger.get("/auth/me").await.has(401);
    }
    server.recorded("token_refused", 1).await;

    let id = nora.create_evaluation().await;
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    nora.delete(&format!("/evaluations/{id}")).await.has(404);
    let deleted = server.recorded("evaluation_deleted", 1).await;
    assert_eq!(deleted[0]["subject"], id.as_str());
    assert_eq!(deleted[0]["user_id"], nora.id.as_str());

    let changed = json!({ "current_password": PASSWORD, "new_password": "quite another sentence" });
    nora.post("/auth/password", &changed).await.has(204);
    server.recorded("password_changed", 1).await;

    let spent = json!({ "refresh_token": nora.refresh });
    nora.take(&door.post("/auth/refresh", &spent).await.has(200).json());
    for _ in 0..2 {
        door.post("/auth/refresh", &spent).await.has(401);
    }
    let reused = server.recorded("refresh_reused", 1).await;
    assert_eq!(reused[0]["subject"], login[0]["subject"]);

    let body = json!({ "username": "nora", "password": "quite another sentence" });
    nora.take(&door.post("/auth/login", &body).await.has(200).json());
    let end = json!({ "refresh_token": nora.refresh });
    for _ in 0..2 {
        door.post("/auth/logout", &end).await.has(204);
    }
    let logout = server.recorded("logout", 1).await;
    let logins = server.recorded("login", 2).await;
    assert_eq!(logout[0]["subject"], logins[1]["subject"]);

    server.hang_up("the signing keys were read again").await;
    server.recorded("keys_reloaded", 1).await;
    let output = server.operate(
        &["users", "add", "otto", "--email", "otto@example.org"],
        &format!("{PASSWORD}\n"),
    );
    assert!(output.status.success(), "{output:?}");
    let added = server.recorded("user_added", 1).await;
    assert_eq!(added[0]["username"], "otto");

    let record = server.security_log(&[]);
    for entry in &record {
        let at = entry["at"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(at).is_ok(), "{entry}");
    }
    let told = format!("{record:?}");
    for secret in door
        .secrets()
        .iter()
        .map(String::as_str)
        .chain([WRONG, "hunter22"])
    {
        assert!(!told.contains(secret), "{told}");
    }
    server.finish().await;
}

async fn the_record_can_be_searched(setup: Setup) {
    let server = setup.start().await;
    server.register("nora").await;
    server.register("otto").await;
    let of = |arguments: &[&str]| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        server
            .security_log(arguments)
            .iter()
            .map(|entry| (text(&entry["kind"]), text(&entry["username"])))
            .collect()
    };
    let pair = |kind: &str, name: &str| (kind.to_owned(), name.to_owned());
    let all = of(&[]);
    assert_eq!(
        all,
        [
            pair("registered", "nora"),
            pair("login", "nora"),
            pair("registered", "otto"),
            pair("login", "otto")
        ]
    );
    assert_eq!(of(&["--user", "NORA"]), all[..2]);
    assert_eq!(of(&["--kind", "login"]), [all[1].clone(), all[3].clone()]);
    assert_eq!(
        of(&["--kind", "login", "--kind", "registered", "--limit", "1"]),
        all[3..]
    );
    assert_eq!(of(&["--since", "1h"]), all);
    assert_eq!(of(&["--since", "2100-01-01T00:00:00Z"]), []);
    let text = server.operate(&["security-log", "--limit", "1"], "");
    let line = String::from_utf8(text.stdout).unwrap();
    assert!(
        line.contains(" login user=otto address=127.0.0.1 subject="),
        "{line}"
    );
    for wrong in [
        ["--kind", "nonsense"],
        ["--since", "yesterday"],
        ["--limit", "0"],
    ] {
        let output = server.operate(&[&["security-log"], &wrong[..]].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
    let nobody = server.operate(&["security-log", "--user", "nobody"], "");
    assert_eq!(nobody.status.code(), Some(1), "{nobody:?}");
    server.finish().await;
}

async fn no_call_reaches_the_record(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let document = server.door().get("/openapi.json").await.has(200).json();
    let paths: BTreeSet<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert!(paths.len() > 8, "{paths:?}");
    assert!(
        !paths
            .iter()
            .any(|path| path.contains("security") || path.contains("audit")),
        "{paths:?}"
    );
    // Nothing that a user can do to the own things takes an entry away.
    let before = server.security_log(&[]);
    let id = nora.create_evaluation().await;
    nora.delete(&format!("/evaluations/{id}")).await.has(204);
    let end = json!({ "refresh_token": nora.refresh });
    nora.post("/auth/logout", &end).await.has(204);
    let after = server.security_log(&[]);
    assert_eq!(after[..before.len()], before);
    assert_eq!(after.len(), before.len() + 2);
    server.finish().await;
}

async fn the_first_account_of_a_closed_server_is_made_by_its_operator(setup: Setup) {
    let server = setup
        .set("AUDITOR_AUTH__REGISTRATION", "closed")
        .start()
        .await;
    let body = json!({ "username": "nora", "email": "nora@example.org", "password": PASSWORD });
    let answer = server.door().post("/auth/register", &body).await;
    answer.is_problem(403, "registration_closed");
    let add = ["users", "add", "nora", "--email", "nora@example.org"];
    let output = server.operate(&add, &format!("{PASSWORD}\n"));
    assert!(output.status.success(), "{output:?}");
    let printed = format!("{output:?}");
    assert!(!printed.contains(PASSWORD), "{printed}");
    let nora = server.login("nora").await;
    assert!(printed.contains(&nora.id), "{printed}");
    let listed = server.operate(&["users", "list"], "");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let [line] = listed.lines().collect::<Vec<_>>()[..] else {
        panic!("not one account: {listed}")
    };
    assert!(
        line.ends_with(&format!(" nora nora@example.org {}", nora.id)),
        "{line}"
    );
    server.finish().await;
}

async fn an_account_of_the_command_line_has_to_hold_to_the_same_rules(setup: Setup) {
    let server = setup.start().await;
    server.register("nora").await;
    for (name, email, password, complaint) in [
        (
            "Nora",
            "other@example.org",
            PASSWORD,
            "somebody has that user name",
        ),
        (
            "other",
            "NORA@example.org",
            PASSWORD,
            "somebody has that email address",
        ),
        (
            "no",
            "other@example.org",
            PASSWORD,
            "username: must be 3 to 64",
        ),
        (
            "other",
            "nowhere",
            PASSWORD,
            "email: is not an email address",
        ),
        (
            "other",
            "other@example.org",
            "short",
            "password: must have 10 to 256",
        ),
        (
            "other",
            "other@example.org",
            "",
            "password: must have 10 to 256",
        ),
    ] {
        let output = server.operate(&["users", "add", name, "--email", email], password);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(complaint), "{said}");
    }
    // There is no way to put a password where others could see it.
    let add = [
        "users",
        "add",
        "other",
        "--email",
        "o@example.org",
        "--password",
        PASSWORD,
    ];
    assert_eq!(server.operate(&add, "").status.code(), Some(2));
    server.recorded("user_added", 0).await;
    server.finish().await;
}
