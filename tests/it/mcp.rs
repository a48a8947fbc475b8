//! The Model Context Protocol, over HTTP and over standard input and output, spoken by hand: `tests/clients/` speaks it
//! by other people's libraries.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{DEADLINE, Door, GLANCE, Manner, Person, ScriptedJudge, Setup, text};
use crate::samples;

on_every_database!(
    each_tool_answers_by_its_schema_in_both_revisions,
    what_a_key_may_not_do_is_told_to_the_model,
    progress_comes_before_the_result,
    a_client_that_goes_ends_its_audit,
    a_key_that_is_revoked_gets_no_result,
);

/// The stateless revision, and the one before it.
const STATELESS: &str = "2026-07-28";
const LEGACY: &str = "2025-11-25";

/// A client of `/mcp` with a key.
struct Client {
    robot: Person,
    revision: &'static str,
}

impl Client {
    async fn with(person: &Person, scope: &str, revision: &'static str) -> (Self, String) {
        let body = json!({ "name": "agent", "scopes": [scope] });
        let made = person.post("/keys", &body).await.has(201).json();
        let mut robot = person.clone();
        robot.access = text(&made["key"]);
        robot.door().keep_secret(&robot.access);
        (Self { robot, revision }, text(&made["id"]))
    }

    fn request(&self, method: &str, mut params: Value) -> reqwest::RequestBuilder {
        if self.revision == STATELESS {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = self.revision.into();
            params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut request = post(self.robot.door(), &body)
            .bearer_auth(&self.robot.access)
            .header("MCP-Protocol-Version", self.revision);
        if self.revision == STATELESS {
            request = request.header("Mcp-Method", method);
            if let Some(name) = params["name"].as_str() {
                request = request.header("Mcp-Name", name);
            }
        }
        request
    }

    /// What a request without progress is answered with.
    async fn ask(&self, method: &str, params: Value) -> Value {
        let answer = self.request(method, params).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["id"], 1, "{body}");
        body
    }

    async fn call(&self, tool: &str, arguments: Value) -> Value {
        let called = self.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        );
        let answer = called.await;
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// The words of a call that went wrong.
    async fn refused(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        text(&result["content"][0]["text"])
    }
}

fn post(door: &Door, body: &Value) -> reqwest::RequestBuilder {
    door.outside(Method::POST, "/mcp")
        .header("Accept", "application/json, text/event-stream")
        .json(body)
}

/// Fails the test unless a tool's structured answer holds to its schema, and its text is the same.
fn holds(tools: &Value, name: &str, result: &Value) {
    assert_eq!(result["isError"], false, "{result}");
    let structured = &result["structuredContent"];
    let same: Value = serde_json::from_str(&text(&result["content"][0]["text"])).unwrap();
    assert_eq!(&same, structured);
    let mut all = tools.as_array().unwrap().iter();
    let tool = all.find(|tool| tool["name"] == name).unwrap();
    let schema = jsonschema::draft202012::new(&tool["outputSchema"]).unwrap();
    let faults: Vec<String> = schema
        .iter_errors(structured)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert_eq!(faults, Vec::<String>::new(), "{name}: {structured}");
}

async fn each_tool_answers_by_its_schema_in_both_revisions(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let collection = nora
        .post("/collections", &json!({ "name": "Library" }))
        .await;
    let collection = text(&collection.has(201).json()["id"]);
    let document = json!({ "name": "leaflet", "text": samples::SOURCE });
    let documents = format!("/collections/{collection}/documents");
    nora.post(&documents, &document).await.has(201);
    for revision in [STATELESS, LEGACY] {
        let (client, _) = Client::with(&nora, "audit", revision).await;
        if revision == STATELESS {
            let found = client.ask("server/discover", json!({})).await["result"].clone();
            let versions = found["supportedVersions"].as_array().unwrap();
            assert!(versions.contains(&revision.into()), "{found}");
        } else {
            let params = json!({ "protocolVersion": revision, "capabilities": {},
                "clientInfo": { "name": "test", "version": "1" } });
            let found = client.ask("initialize", params).await["result"].clone();
            assert_eq!(found["protocolVersion"], revision, "{found}");
            assert_eq!(found["serverInfo"]["name"], "judge-auditor");
            let told = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
            let told = post(server.door(), &told).bearer_auth(&client.robot.access);
            assert_eq!(told.send().await.unwrap().status(), 202);
        }
        let tools = client.ask("tools/list", json!({})).await["result"]["tools"].clone();
        let names = tools.as_array().unwrap().iter();
        let names: Vec<&Value> = names.map(|tool| &tool["name"]).collect();
        assert_eq!(
            names,
            [
                "audit",
                "check_claims",
                "get_evaluation",
                "search_collection"
            ]
        );

        let checked = client.call(
            "check_claims",
            json!({
                "sources": [{ "name": "leaflet", "text": samples::SOURCE }],
                "claims": ["The building has five floors.", "The building has seven floors."],
            }),
        );
        let checked = checked.await;
        holds(&tools, "check_claims", &checked);
        let claims = &checked["structuredContent"]["claims"];
        assert_eq!(claims[0]["label"], "SUPPORTED", "{claims}");
        assert_eq!(claims[0]["evidence"][0]["source"], "leaflet");
        assert_eq!(claims[1]["label"], "REFUTED", "{claims}");
        assert_eq!(checked["structuredContent"]["all_supported"], false);

        let audited = client.call("audit", samples::evaluation()).await;
        holds(&tools, "audit", &audited);
        let audit = &audited["structuredContent"];
        assert_eq!(audit["status"], "completed", "{audit}");
        assert_eq!(audit["claims"].as_array().unwrap().len(), 5);
        assert!(audit["faithfulness"]["flagged"].as_bool().unwrap());
        let id = text(&audit["evaluation_id"]);
        // It is an evaluation like any other.
        assert_eq!(nora.evaluation(&id).await["status"], "completed");

        let read = client.call("get_evaluation", json!({ "evaluation_id": id }));
        let read = read.await;
        holds(&tools, "get_evaluation", &read);
        assert_eq!(&read["structuredContent"], audit);

        for named in [collection.as_str(), "library"] {
            let arguments = json!({ "collection": named, "query": "reading room" });
            let found = client.call("search_collection", arguments).await;
            holds(&tools, "search_collection", &found);
            let first = &found["structuredContent"]["passages"][0];
            assert_eq!(first["document_name"], "leaflet", "{found}");
        }
    }
}

async fn what_a_key_may_not_do_is_told_to_the_model(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let (reader, _) = Client::with(&nora, "read", STATELESS).await;
    let told = reader.refused("audit", samples::evaluation()).await;
    assert!(told.contains("needs the scope \"audit\""), "{told}");
    assert!(told.contains("ask whoever runs this"), "{told}");
    let (client, _) = Client::with(&nora, "audit", LEGACY).await;
    for (tool, arguments, words) in [
        ("audit", json!({ "candidate_output": "a" }), "/source_text"),
        ("audit", json!({ "source_text": "a" }), "candidate_output"),
        (
            "audit",
            json!({ "source_text": "a", "candidate_output": "b", "judges": ["nobody"] }),
            "validation: /judges/0",
        ),
        (
            "check_claims",
            json!({ "source_text": "a", "claims": [] }),
            "1 to 100",
        ),
        (
            "get_evaluation",
            json!({ "evaluation_id": "0199a0d5-0000-7000-8000-000000000000" }),
            "check the id",
        ),
        (
            "search_collection",
            json!({ "collection": "Nowhere", "query": "a" }),
            "this account has none",
        ),
    ] {
        let told = client.refused(tool, arguments).await;
        assert!(
            told.contains(words) && told.contains("What to do: "),
            "{tool}: {told}"
        );
    }
    let unknown = json!({ "name": "delete_everything", "arguments": {} });
    let unknown = client.ask("tools/call", unknown).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");

    // Before anything is read of a message.
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let door = server.door();
    let nobody = door.send(post(door, &ping)).await;
    nobody.is_problem(401, "unauthenticated");
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    let page = post(door, &ping)
        .bearer_auth(&client.robot.access)
        .header("Origin", "https://evil.example");
    door.send(page).await.is_problem(403, "forbidden");
    for method in [Method::GET, Method::DELETE] {
        let other = door.send(door.outside(method, "/mcp")).await;
        other.is_problem(405, "bad_request");
        assert_eq!(other.header("allow"), "POST");
    }
    let plain = door
        .outside(Method::POST, "/mcp")
        .bearer_auth(&client.robot.access)
        .body("{}");
    let plain = door.send(plain).await;
    plain.is_problem(406, "bad_request");
    let broken = post(door, &ping)
        .bearer_auth(&client.robot.access)
        .body("{bad");
    door.send(broken).await.is_problem(400, "bad_request");
    let large = post(
        door,
        &json!({ "jsonrpc": "2.0", "method": "x".repeat(5 << 20) }),
    )
    .bearer_auth(&client.robot.access);
    door.send(large).await.is_problem(413, "payload_too_large");
}

/// The messages of a stream.
fn messages(stream: &str) -> Vec<Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter(|data| !data.trim().is_empty())
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

async fn progress_comes_before_the_result(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Takes(Duration::from_millis(300)));
    let server = setup.file(&judge.configured("slow")).start().await;
    let nora = server.register("nora").await;
    for revision in [STATELESS, LEGACY] {
        let (client, _) = Client::with(&nora, "audit", revision).await;
        let mut arguments = samples::evaluation();
        arguments["judges"] = json!(["slow", "facts"]);
        let params = json!({ "name": "audit", "arguments": arguments,
            "_meta": { "progressToken": "far" } });
        let answer = client.request("tools/call", params).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/event-stream"), "{kind}");
        let told = messages(&answer.text().await.unwrap());
        let (result, steps) = told.split_last().unwrap();
        assert_eq!(result["result"]["structuredContent"]["status"], "completed");
        assert!(!steps.is_empty());
        let mut last = -1.0;
        for step in steps {
            assert_eq!(step["method"], "notifications/progress", "{step}");
            assert_eq!(step["params"]["progressToken"], "far");
            assert_eq!(step["params"]["total"], 100.0);
            let progress = step["params"]["progress"].as_f64().unwrap();
            assert!(progress > last, "{steps:?}");
            last = progress;
        }
    }
}

/// The only evaluation of an account, once it has this status.
async fn only_evaluation(person: &Person, status: &str) -> Value {
    let begin = Instant::now();
    loop {
        let listed = person.get("/evaluations").await.has(200).json();
        if listed["items"][0]["status"] == status {
            return listed["items"][0].clone();
        }
        assert!(begin.elapsed() < DEADLINE, "{listed}");
        tokio::time::sleep(GLANCE).await;
    }
}

async fn a_client_that_goes_ends_its_audit(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup.file(&judge.configured("silent")).start().await;
    for (name, token) in [("nora", None), ("ben", Some("far"))] {
        let person = server.register(name).await;
        let (client, _) = Client::with(&person, "audit", LEGACY).await;
        let mut arguments = samples::evaluation();
        arguments["judges"] = json!(["silent"]);
        let mut params = json!({ "name": "audit", "arguments": arguments });
        if let Some(token) = token {
            params["_meta"] = json!({ "progressToken": token });
        }
        let asking = tokio::spawn(client.request("tools/call", params).send());
        only_evaluation(&person, "in_progress").await;
        let asked = judge.asked();
        while judge.asked() == asked && judge.deserted() == 0 && asked == 0 {
            tokio::time::sleep(GLANCE).await;
        }
        // Its connection goes with it; where a stream has begun, with the answer.
        asking.abort();
        if let Ok(Ok(answer)) = asking.await {
            drop(answer);
        }
        only_evaluation(&person, "cancelled").await;
    }
}

async fn a_key_that_is_revoked_gets_no_result(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Hangs);
    let server = setup.file(&judge.configured("silent")).start().await;
    let nora = server.register("nora").await;
    let (client, key) = Client::with(&nora, "audit", STATELESS).await;
    let mut arguments = samples::evaluation();
    arguments["judges"] = json!(["silent"]);
    let asking = async { client.refused("audit", arguments).await };
    let revoking = async {
        only_evaluation(&nora, "in_progress").await;
        nora.delete(&format!("/keys/{key}")).await.has(204);
        Instant::now()
    };
    let (told, revoked) = tokio::join!(asking, revoking);
    assert!(told.contains("new API key"), "{told}");
    assert!(revoked.elapsed() < Duration::from_secs(5));
}

/// An audit that is not done in time says how to get its result.
#[tokio::test]
async fn a_long_audit_goes_on_without_whoever_waits() {
    let judge = ScriptedJudge::start(Manner::Waits);
    let server = Setup::sqlite()
        .file(&judge.configured("slow"))
        .start()
        .await;
    let nora = server.register("nora").await;
    let (client, _) = Client::with(&nora, "audit", STATELESS).await;
    let mut arguments = samples::evaluation();
    arguments["judges"] = json!(["slow"]);
    arguments["wait_s"] = json!(1);
    let audited = client.call("audit", arguments).await["structuredContent"].clone();
    assert_eq!(audited["status"], "in_progress", "{audited}");
    let id = text(&audited["evaluation_id"]);
    assert!(text(&audited["next_step"]).contains(&id), "{audited}");
    judge.open();
    only_evaluation(&nora, "completed").await;
    let read = client
        .call("get_evaluation", json!({ "evaluation_id": id }))
        .await;
    assert_eq!(
        read["structuredContent"]["judges"][0]["score"], 75.0,
        "{read}"
    );
}

/// The program as an agent starts it.
struct Spoken {
    process: std::process::Child,
    lines: std::sync::mpsc::Receiver<Value>,
    directory: TempDir,
}

impl Spoken {
    fn start() -> Self {
        let directory = TempDir::with_prefix("auditor-mcp-").unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_judge-auditor"))
            .args(["--no-neural", "mcp"])
            .env_clear()
            .env("TMPDIR", directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines() {
                let message = serde_json::from_str(&line.unwrap()).unwrap();
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            process,
            lines,
            directory,
        }
    }

    fn say(&mut self, message: &Value) {
        let stdin = self.process.stdin.as_mut().unwrap();
        writeln!(stdin, "{message}").unwrap();
        stdin.flush().unwrap();
    }

    fn hear(&self) -> Value {
        self.lines.recv_timeout(DEADLINE).unwrap()
    }

    /// What is left in its folder for what is thrown away.
    fn left(&self) -> usize {
        std::fs::read_dir(self.directory.path()).unwrap().count()
    }
}

#[tokio::test]
async fn an_agent_starts_it_and_speaks_through_pipes() {
    for revision in [STATELESS, LEGACY] {
        let mut spoken = Spoken::start();
        let meta = match revision {
            STATELESS => json!({ "io.modelcontextprotocol/protocolVersion": revision,
                "io.modelcontextprotocol/clientCapabilities": {} }),
            _ => json!({}),
        };
        if revision == LEGACY {
            spoken.say(
                &json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": revision, "capabilities": {},
                "clientInfo": { "name": "test", "version": "1" } } }),
            );
            let found = spoken.hear()["result"].clone();
            assert_eq!(found["protocolVersion"], revision);
            let instructions = text(&found["instructions"]);
            assert!(
                !instructions.contains("search_collection"),
                "{instructions}"
            );
            spoken.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        } else {
            spoken.say(
                &json!({ "jsonrpc": "2.0", "id": 0, "method": "server/discover",
                "params": { "_meta": meta } }),
            );
            assert!(spoken.hear()["result"]["supportedVersions"].is_array());
        }
        spoken.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list",
            "params": { "_meta": meta } }));
        let tools = spoken.hear()["result"]["tools"].clone();
        let names = tools.as_array().unwrap().iter();
        let names: Vec<&Value> = names.map(|tool| &tool["name"]).collect();
        assert_eq!(names, ["audit", "check_claims", "get_evaluation"]);
        let arguments = json!({ "candidate_output": "The ferry carries forty cars [pool].",
            "sources": [
                { "name": "ferry", "text": "The ferry carries forty cars." },
                { "name": "pool", "text": "The pool has six lanes." },
            ],
            "judges": ["facts", "lexical"] });
        spoken.say(&json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": { "name": "audit", "arguments": arguments, "_meta": meta } }));
        let answer = spoken.hear();
        assert_eq!(answer["id"], 2, "{answer}");
        let audit = answer["result"]["structuredContent"].clone();
        holds(&tools, "audit", &answer["result"]);
        assert_eq!(audit["claims"][0]["citations"][0]["source"], "pool");
        assert_eq!(audit["issues"][0]["type"], "citation_mismatch", "{audit}");
        assert_eq!(spoken.left(), 1, "its throw-away database");
        // The agent is gone.
        drop(spoken.process.stdin.take());
        let begin = Instant::now();
        while spoken.process.try_wait().unwrap().is_none() {
            assert!(begin.elapsed() < DEADLINE, "it does not end");
            tokio::time::sleep(GLANCE).await;
        }
        assert!(spoken.process.wait().unwrap().success());
        assert_eq!(spoken.left(), 0);
    }
}
