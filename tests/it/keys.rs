//! API keys: what they are, what their scopes allow at each door, and how they end.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    DEADLINE, GLANCE, Knock, Manner, PASSWORD, Person, Scrape, ScriptedJudge, Server, Setup,
    Socket, change, text,
};
use crate::samples;

on_every_database!(
    a_key_is_told_once_and_never_written_down,
    each_scope_opens_its_routes_and_no_other,
    permission_comes_before_faults,
    a_key_ends_at_every_door_at_once,
    a_key_makes_no_more_requests_a_minute_than_its_owner_allows,
);

/// Makes a key with these scopes and whatever else is in `rest`; the answer, and whoever comes with it.
async fn make(person: &Person, scopes: &[&str], rest: Value) -> (Value, Person) {
    let mut body = json!({ "name": "robot", "scopes": scopes });
    body.as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    let made = person.post("/keys", &body).await.has(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let made = made.json();
    let robot = with_key(person, &text(&made["key"]));
    (made, robot)
}

fn with_key(person: &Person, key: &str) -> Person {
    let mut robot = person.clone();
    robot.access = key.to_owned();
    robot.door().keep_secret(key);
    robot
}

/// The key without its text, as lists show it.
fn listed(made: &Value) -> Value {
    let mut view = made.clone();
    view.as_object_mut().unwrap().remove("key");
    view
}

async fn is_refused(robot: &Person, why: &str) {
    let refused = robot.get("/auth/me").await;
    let problem = refused.is_problem(401, "unauthenticated");
    let detail = text(&problem["detail"]);
    assert!(detail.contains(why), "{detail}");
    assert!(!refused.text.contains(&robot.access));
}

/// Waits until the list says when the key was used.
async fn is_used(person: &Person, id: &Value) {
    let begin = Instant::now();
    loop {
        let keys = person.get("/keys").await.has(200).json();
        let mut items = keys["items"].as_array().unwrap().iter();
        let key = items.find(|key| key["id"] == *id).unwrap();
        if key["last_used_at"].is_string() {
            return;
        }
        assert!(begin.elapsed() < DEADLINE, "{keys}");
        tokio::time::sleep(GLANCE).await;
    }
}

async fn a_key_is_told_once_and_never_written_down(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(4));
    let server = setup
        .file(&judge.configured("paid"))
        .set("AUDITOR_LOG", "trace")
        .set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0")
        .start()
        .await;
    let (nora, ben) = (server.register("nora").await, server.register("ben").await);

    let (made, robot) = make(&nora, &["audit", "read", "read"], json!({})).await;
    let key = text(&made["key"]);
    assert!(key.len() == 52 && key.starts_with("ja_"), "{key}");
    assert!(key[3..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(made["prefix"], key[..8]);
    assert_eq!(made["scopes"], json!(["read", "audit"]));
    assert_eq!(
        (&made["name"], &made["expires_at"], &made["last_used_at"]),
        (&json!("robot"), &Value::Null, &Value::Null)
    );
    assert_eq!(made["addresses"], json!([]));
    let day = json!({ "expires_in_s": 86_400, "addresses": ["127.0.0.2", "10.0.0.0/8"] });
    let (bound, elsewhere) = make(&nora, &["manage"], day).await;
    assert!(bound["expires_at"].is_string(), "{bound}");
    assert_eq!(bound["addresses"], json!(["127.0.0.2/32", "10.0.0.0/8"]));
    let keys = nora.get("/keys").await.has(200);
    assert_eq!(
        keys.json(),
        json!({ "items": [listed(&made), listed(&bound)] })
    );
    assert!(!keys.text.contains(&key));
    let others = ben.get("/keys").await.has(200).json();
    assert_eq!(others, json!({ "items": [] }));

    for (body, pointer) in [
        (json!({ "name": " ", "scopes": ["read"] }), "/name"),
        (json!({ "name": "a", "scopes": [] }), "/scopes"),
        (json!({ "name": "a", "scopes": ["write"] }), "/scopes/0"),
        (
            json!({ "name": "a", "scopes": ["read"], "expires_in_s": 59 }),
            "/expires_in_s",
        ),
        (
            json!({ "name": "a", "scopes": ["read"], "addresses": ["::1", "10.0.0.1/8"] }),
            "/addresses/1",
        ),
        (
            json!({ "name": "a", "scopes": ["read"], "user": "ben" }),
            "/user",
        ),
    ] {
        nora.post("/keys", &body).await.is_invalid_at(pointer);
    }

    // It comes in its user's name, wherever a token is taken.
    let me = robot.get("/auth/me").await.has(200).json();
    assert_eq!(me["username"], "nora");
    is_used(&nora, &made["id"]).await;
    is_refused(&elsewhere, "from this address").await;
    let there = elsewhere
        .clone()
        .through(&server.door().beside(Ipv4Addr::new(127, 0, 0, 2)));
    there.get("/auth/me").await.has(200);
    let mut wrong = key.clone();
    let last = if wrong.ends_with('0') { "1" } else { "0" };
    wrong.replace_range(51.., last);
    is_refused(&with_key(&nora, &wrong), "no such API key").await;
    let refused = Knock::at(server.door()).bearer(&wrong).open().await;
    let (mut refused, mut late) = (refused, Knock::at(server.door()).open().await);
    let command = json!({ "type": "authenticate", "data": { "token": wrong } });
    late.send_text(&command.to_string()).await;
    for socket in [&mut refused, &mut late] {
        assert_eq!(socket.until_closed().await.1, 4501);
    }
    let in_address = format!("/ws?anything={key}");
    Knock::at_path(server.door(), &in_address)
        .refused()
        .await
        .has(400);

    // What its runs use is told apart from the rest.
    let id = robot.create(&samples::evaluation_by(&["paid"])).await;
    robot.audit(&id).await;
    // The same again would not be asked twice.
    let mut other = samples::evaluation_by(&["paid"]);
    other["question"] = json!("What is said of the bridge?");
    let other = nora.create(&other).await;
    nora.audit(&other).await;
    let calls = |usage: Value| usage["today"]["calls"].clone();
    let of = |key: &Value| format!("/usage?key={}", text(key));
    let of_robot = robot.get(&of(&made["id"])).await.has(200).json();
    let all = robot.get("/usage").await.has(200).json();
    assert_eq!((calls(of_robot), calls(all)), (json!(1), json!(2)));
    let unused = nora.get(&of(&bound["id"])).await.has(200).json();
    assert_eq!(
        (&unused["items"], &unused["today"]["calls"]),
        (&json!([]), &json!(0))
    );
    let foreign = ben.get(&of(&made["id"])).await.has(200).json();
    assert_eq!(foreign["items"], json!([]));
    nora.get("/usage?key=robot").await.has(422);

    let scrape = Scrape::of(&server).await;
    scrape.says(&[
        (r#"auditor_auth_failures_total{kind="api_key"}"#, 3.0),
        (
            r#"auditor_auth_failures_total{kind="api_key_address"}"#,
            1.0,
        ),
    ]);
    assert!(scrape.value(r#"auditor_identified_total{by="api_key"}"#) >= 5.0);

    // As many as one may have, and no more; a revoked one makes room.
    for _ in 2..50 {
        make(&nora, &["read"], json!({})).await;
    }
    let one_more = json!({ "name": "one more", "scopes": ["read"] });
    nora.post("/keys", &one_more)
        .await
        .is_problem(409, "limit_exceeded");
    let path = format!("/keys/{}", text(&made["id"]));
    ben.delete(&path).await.is_problem(404, "not_found");
    nora.delete(&path).await.has(204);
    nora.delete(&path).await.is_problem(404, "not_found");
    nora.delete("/keys/robot")
        .await
        .is_problem(404, "not_found");
    is_refused(&robot, "revoked").await;
    nora.post("/keys", &one_more).await.has(201);

    let entries = server.security_log(&["--kind", "key_made", "--limit", "100"]);
    assert_eq!(entries.len(), 51);
    assert_eq!(
        (&entries[0]["subject"], &entries[0]["detail"]),
        (
            &made["id"],
            &json!(format!("{} (read, audit)", text(&made["prefix"])))
        )
    );
    let revoked = server.recorded("key_revoked", 1).await;
    assert_eq!(revoked[0]["detail"], made["prefix"]);
    // One line a minute and address, of whichever came first.
    server.recorded("key_refused", 1).await;
    server.finish().await;
}

async fn a_key_makes_no_more_requests_a_minute_than_its_owner_allows(setup: Setup) {
    let setup = setup.set("AUDITOR_TELEMETRY__PROMETHEUS_BIND", "127.0.0.1:0");
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let (made, robot) = make(&nora, &["read"], json!({ "per_minute": 3 })).await;
    let (_, free) = make(&nora, &["read"], json!({})).await;
    assert_eq!(made["per_minute"], 3);
    let keys = nora.get("/keys").await.has(200).json();
    assert_eq!(
        (
            &keys["items"][0]["per_minute"],
            &keys["items"][1]["per_minute"]
        ),
        (&json!(3), &Value::Null)
    );
    // A connection and a command count as a call does, and the word of being alive does not.
    let mut socket = robot.connect().await;
    socket.join(&id).await;
    robot.get("/auth/me").await.has(200);
    let refused = robot.get("/auth/me").await;
    refused.is_problem(429, "rate_limited");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=21).contains(&wait), "{wait}");
    let left = json!({ "session_id": id });
    let refused = socket.refused("leave_session", left).await;
    assert_eq!(refused["code"], "rate_limited");
    assert!(refused["retry_after_ms"].as_u64() > Some(0), "{refused}");
    let pong = socket.command("ping", Value::Null).await;
    assert_eq!(pong["type"], "pong", "{pong}");
    // Its owner and other keys have their own.
    for person in [&nora, &free] {
        person.get("/auth/me").await.has(200);
    }
    let said = operated(&server, &["keys", "list", "nora"]);
    assert!(said.contains("robot (3 requests a minute)"), "{said}");
    let scrape = Scrape::of(&server).await;
    let count = scrape.value(r#"auditor_rate_limited_total{limit="api_keys"}"#);
    assert!(count >= 2.0, "{count}");
    let wrong = json!({ "name": "a", "scopes": ["read"], "per_minute": 0 });
    nora.post("/keys", &wrong)
        .await
        .is_invalid_at("/per_minute");
    server.finish().await;
}

/// A body that the route takes, so that nothing but the key can be refused.
fn body_of(method: &str, path: &str) -> Option<Value> {
    let body = match (method, path) {
        ("POST", "/auth/password") => {
            json!({ "current_password": PASSWORD, "new_password": "quite another sentence" })
        }
        ("POST", "/auth/delete") => json!({ "current_password": PASSWORD }),
        ("POST", "/keys") => json!({ "name": "another", "scopes": ["read"] }),
        ("POST", "/evaluations") => samples::evaluation(),
        ("POST", "/check") => json!({ "source_text": "A text.", "candidate_output": "A text." }),
        ("POST", "/evaluations/{id}/feedback") => json!({ "claim_id": null, "score": 50 }),
        ("POST", "/collections") => json!({ "name": "papers" }),
        ("POST", "/collections/{id}/documents") => json!({ "name": "a", "text": "A text." }),
        ("POST" | "PUT" | "PATCH", _) => json!({}),
        _ => return None,
    };
    Some(body)
}

async fn asked(robot: &Person, method: &str, path: &str) -> crate::harness::Answer {
    let nothing = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut filled = path.to_owned();
    for name in ["{id}", "{share_id}", "{document_id}", "{feedback_id}"] {
        filled = filled.replace(name, nothing);
    }
    if path.ends_with("/search") {
        filled.push_str("?q=bridge");
    }
    let mut request = robot.request(Method::from_bytes(method.as_bytes()).unwrap(), &filled);
    if let Some(body) = body_of(method, path) {
        request = request.json(&body);
    }
    robot.door().send(request).await
}

async fn each_scope_opens_its_routes_and_no_other(setup: Setup) {
    const SCOPES: [&str; 3] = ["read", "audit", "manage"];
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut robots = Vec::new();
    for scope in SCOPES {
        robots.push(make(&nora, &[scope], json!({})).await.1);
    }
    let document = nora.get("/openapi.json").await.has(200).json();
    let mut walked = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1") else {
            continue;
        };
        for (method, operation) in operations.as_object().unwrap() {
            let Some(needed) = operation["x-scope"].as_str() else {
                continue;
            };
            let needed = SCOPES.iter().position(|scope| *scope == needed);
            let method = method.to_uppercase();
            for (has, robot) in robots.iter().enumerate() {
                let what = format!("{} for {method} {path}", SCOPES[has]);
                let answer = asked(robot, &method, path).await;
                if needed.is_some_and(|needed| needed <= has) {
                    let let_in = ![401, 403].contains(&answer.status);
                    assert!(let_in, "{what}: {}", answer.text);
                } else {
                    assert_eq!(answer.status, 403, "{what}: {}", answer.text);
                    let problem = answer.is_problem(403, "forbidden");
                    let says = needed.map_or("needs a login", |needed| SCOPES[needed]);
                    let detail = text(&problem["detail"]);
                    assert!(detail.contains(says), "{what}: {detail}");
                }
                walked += 1;
            }
        }
    }
    assert!(walked >= 3 * 35, "{walked}");
    // The password is what it was, and the account is there.
    let nora = server.login("nora").await;

    let id = nora.create_evaluation().await;
    let [reader, auditor, _] = &robots[..] else {
        panic!("three scopes")
    };
    let mut watching = Knock::at(server.door())
        .subprotocol(&reader.access)
        .open()
        .await;
    let welcome = watching.next_frame().await;
    assert_eq!(welcome.kind(), "welcome", "{}", welcome.text);
    assert_eq!(welcome.data()["token_expires_at"], Value::Null);
    watching.join(&id).await;
    for command in ["start_evaluation", "cancel_evaluation"] {
        let refused = watching.refused(command, json!({ "session_id": id })).await;
        assert_eq!(refused["code"], "forbidden", "{refused}");
        assert!(text(&refused["message"]).contains("audit"), "{refused}");
    }
    let mut stream = reader.listen(&id, None).await;
    stream.joined().await;
    let mut starting = auditor.connect().await;
    let started = starting
        .command("start_evaluation", json!({ "session_id": id }))
        .await;
    assert_eq!(started["type"], "evaluation_started", "{started}");
    let seen = watching.until_terminal().await;
    assert_eq!(stream.until_terminal().await.len(), seen.len());
    reader
        .get(&format!("/evaluations/{id}/export?format=csv"))
        .await
        .has(200);
    drop(stream);
    watching.close().await;
    starting.close().await;
    server.finish().await;
}

/// Whoever may not use a route is told that, and nothing of the request's faults.
async fn permission_comes_before_faults(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let (_, reader) = make(&nora, &["read"], json!({})).await;
    let broken = |path: &str, body: &'static str| {
        let request = reader.request(Method::POST, path);
        request
            .header("Content-Type", "application/json")
            .body(body)
    };
    for path in [
        "/check",
        "/evaluations",
        "/collections",
        "/collections/none/documents",
        "/evaluations/none/feedback",
        "/evaluations/none/start",
        "/evaluations/none/cancel",
        "/keys",
    ] {
        for body in ["{", "[]", r#"{"nonsense": 1}"#] {
            let answer = reader.door().send(broken(path, body)).await;
            answer.is_problem(403, "forbidden");
        }
        let plain = reader.request(Method::POST, path).body("text");
        let plain = plain.header("Content-Type", "text/csv");
        reader.door().send(plain).await.is_problem(403, "forbidden");
    }
    let unreadable = server
        .door()
        .request(Method::GET, "/evaluations?limit=many");
    let unreadable = unreadable.bearer_auth("not a token");
    let answer = server.door().send(unreadable).await;
    answer.is_problem(401, "unauthenticated");
    // Whoever may use it is told of the faults as before.
    let answer = nora.post("/check", &json!({ "nonsense": 1 })).await;
    answer.is_problem(422, "validation");
    let answer = nora.get("/evaluations?limit=many").await;
    answer.is_problem(422, "validation");
    server.finish().await;
}

/// Waits for the close, which has to come about a second after `since`: by the next look at the latest.
async fn is_revoked(mut socket: Socket, since: Instant, how: &str) {
    let (frames, code) = socket.until_closed().await;
    let after = since.elapsed();
    println!("{how}: closed after {after:?}");
    assert_eq!(code, 4503, "{how}: {frames:?}");
    assert!(after < Duration::from_secs(3), "{how}: {after:?}");
}

fn operated(server: &Server, arguments: &[&str]) -> String {
    let output = server.operate(arguments, "");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn a_key_ends_at_every_door_at_once(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;

    // By its owner, or by a key that may manage: within a second, and only its own connections.
    let (made, robot) = make(&nora, &["read"], json!({})).await;
    let (_, manager) = make(&nora, &["manage"], json!({})).await;
    let (socket, mut kept) = (robot.connect().await, manager.connect().await);
    let mut stream = robot.listen(&id, None).await;
    stream.joined().await;
    let since = Instant::now();
    let path = format!("/keys/{}", text(&made["id"]));
    manager.delete(&path).await.has(204);
    is_refused(&robot, "revoked").await;
    is_revoked(socket, since, "revoked").await;
    let told = stream.until_ended().await;
    let last = told.last().expect("a reason");
    assert_eq!(last.frame.value["error"]["code"], "unauthenticated");
    let took = since.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let pong = kept.command("ping", Value::Null).await;
    assert_eq!(pong["type"], "pong", "another key goes on: {pong}");

    // A change of the password ends logins and no keys.
    let changed = json!({ "current_password": PASSWORD, "new_password": "quite another sentence" });
    nora.post("/auth/password", &changed).await.has(204);
    manager.get("/auth/me").await.has(200);

    // On the command line beside the server.
    let line = ["keys", "add", "nora", "--name", "the nightly build"];
    let with = [
        "--scope",
        "read,audit",
        "--expires",
        "90d",
        "--address",
        "127.0.0.0/8",
    ];
    let key = operated(&server, &[&line[..], &with[..]].concat());
    let robot = with_key(&nora, key.trim_end());
    let list = operated(&server, &["keys", "list", "nora"]);
    let mut lines = list.lines();
    let (first, second) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(first.ends_with(" never manage robot"), "{list}");
    assert!(
        second.ends_with(" read,audit the nightly build (from 127.0.0.0/8)"),
        "{list}"
    );
    assert!(!list.contains(&robot.access));
    let socket = robot.connect().await;
    let key_id = second.split(' ').next().unwrap().to_owned();
    let said = operated(&server, &["keys", "revoke", "nora", &key_id]);
    assert_eq!(said, "keys that were revoked: 1\n");
    is_revoked(socket, Instant::now(), "revoked beside the server").await;
    for wrong in [
        &["keys", "revoke", "nora", &key_id][..],
        &["keys", "revoke", "nobody", "--all"],
        &["keys", "revoke", "nora"],
        &["keys", "add", "nora", "--name", "a", "--scope", "write"],
        &["keys", "add", "nora", "--name", " ", "--scope", "read"],
        &[
            "keys",
            "add",
            "nora",
            "--name",
            "a",
            "--scope",
            "read",
            "--expires",
            "5s",
        ],
    ] {
        let output = server.operate(wrong, "");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output:?}");
        assert!(!output.stderr.is_empty(), "{wrong:?}");
    }

    // Its time is over.
    let (made, robot) = make(&nora, &["read"], json!({ "expires_in_s": 3600 })).await;
    let mut socket = Knock::at(server.door()).bearer(&robot.access).open().await;
    let welcome = socket.next_frame().await;
    assert_eq!(welcome.data()["token_expires_at"], made["expires_at"]);
    let over = format!(
        "UPDATE api_keys SET expires_at = '2026-01-01 00:00:00' WHERE id = '{}'",
        text(&made["id"])
    );
    change(&server.database(), &over);
    is_refused(&robot, "expired").await;
    is_revoked(socket, Instant::now(), "expired").await;

    // While the account is disabled no key of it is taken; afterwards they are again.
    let (_, robot) = make(&nora, &["read"], json!({})).await;
    let socket = robot.connect().await;
    operated(&server, &["users", "disable", "nora"]);
    is_refused(&robot, "disabled").await;
    is_revoked(socket, Instant::now(), "disabled").await;
    let (_, code) = kept.until_closed().await;
    assert_eq!(code, 4503);
    operated(&server, &["users", "enable", "nora"]);
    robot.get("/auth/me").await.has(200);

    // With its account.
    let right = json!({ "username": "nora", "password": "quite another sentence" });
    let tokens = server.door().post("/auth/login", &right).await.has(200);
    let mut nora = nora;
    nora.take(&tokens.json());
    let socket = robot.connect().await;
    let since = Instant::now();
    let gone = json!({ "current_password": "quite another sentence" });
    nora.post("/auth/delete", &gone).await.has(204);
    is_revoked(socket, since, "deleted").await;
    is_refused(&robot, "no such API key").await;
    server.recorded("key_revoked", 2).await;
    server.finish().await;
}
