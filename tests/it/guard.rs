//! The guard: an answer checked within a time, at once and while it is written.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{DEADLINE, GLANCE, Manner, Person, ScriptedJudge, Setup, Socket, text};

on_every_database!(
    an_answer_is_checked_within_its_time_and_nothing_is_kept,
    a_judge_that_is_not_heard_flags_what_would_pass_and_is_paid_for,
    what_is_kept_goes_on_as_a_run,
    an_answer_is_checked_while_it_is_written,
    two_answers_are_checked_letter_by_letter_beside_each_other,
    the_judges_are_loaded_before_the_first_check,
);

const SOURCE: &str = "The mill was built in 1874. It is 31 metres high and belongs to the town.";
const TRUE: &str = "The mill was built in 1874.";
const FALSE: &str = "The mill was built in 1902.";

/// Without the model in the program: what is told here is told by rules.
fn quick(setup: Setup) -> Setup {
    setup.set("AUDITOR_NEURAL__ENABLED", "false")
}

fn body(candidate: &str, more: Value) -> Value {
    let mut body = json!({
        "source_text": SOURCE,
        "candidate_output": candidate,
        "judges": ["facts", "logic"],
        // What is tested is what is said, and the machine may be busy.
        "budget_ms": 20_000,
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

async fn checked(person: &Person, candidate: &str, more: Value) -> Value {
    person
        .post("/check", &body(candidate, more))
        .await
        .has(200)
        .json()
}

async fn an_answer_is_checked_within_its_time_and_nothing_is_kept(setup: Setup) {
    let server = quick(setup).start().await;
    let nora = server.register("nora").await;
    let passed = checked(&nora, TRUE, json!({})).await;
    assert_eq!(passed["verdict"], "pass", "{passed}");
    assert_eq!(
        (&passed["reasons"], &passed["missing"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(passed["claims"][0]["label"], "SUPPORTED");
    assert_eq!(passed["faithfulness"]["flagged"], false);
    let names: Vec<&Value> = passed["judges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|judge| &judge["name"])
        .collect();
    assert_eq!(names, ["facts", "logic"]);
    assert_eq!(passed["panel"]["judges"][0]["model"], "facts/1");
    assert!(passed.get("evaluation_id").is_none());

    let flagged = checked(&nora, FALSE, json!({})).await;
    assert_eq!(flagged["verdict"], "flag");
    assert_eq!(flagged["reasons"], json!(["below_threshold"]));
    assert_eq!(flagged["claims"][0]["label"], "REFUTED");
    assert!(flagged["claims"][0]["evidence"][0]["text"].is_string());
    assert_eq!(
        passed["panel"]["fingerprint"],
        flagged["panel"]["fingerprint"]
    );
    let strict = checked(&nora, TRUE, json!({ "threshold": 1 })).await;
    assert_eq!(strict["verdict"], "flag", "{strict}");
    let nothing = checked(&nora, "Hello! How are you?", json!({})).await;
    assert_eq!(
        (&nothing["verdict"], &nothing["outcome_reason"]),
        (&json!("nothing_to_check"), &json!("no_claim"))
    );

    for (more, pointer) in [
        (json!({ "budget_ms": 49 }), "/budget_ms"),
        (json!({ "threshold": -0.5 }), "/threshold"),
        (json!({ "judges": ["nobody"] }), "/judges/0"),
        (json!({ "candidate_output": "" }), "/candidate_output"),
        (json!({ "stored": true }), "/stored"),
    ] {
        nora.post("/check", &body(TRUE, more))
            .await
            .is_invalid_at(pointer);
    }
    let kept = nora.get("/evaluations").await.has(200).json();
    assert_eq!(kept["items"], json!([]), "nothing is stored");
    server.finish().await;
}

async fn a_judge_that_is_not_heard_flags_what_would_pass_and_is_paid_for(setup: Setup) {
    let slow = ScriptedJudge::start(Manner::Hangs);
    let server = quick(setup).file(&slow.configured("slow")).start().await;
    let nora = server.register("nora").await;
    let judges = json!({ "judges": ["facts", "slow", "logic"], "budget_ms": 1500 });
    let began = Instant::now();
    let unheard = checked(&nora, TRUE, judges.clone()).await;
    assert!(began.elapsed() >= Duration::from_millis(1500));
    assert_eq!(unheard["verdict"], "flag", "{unheard}");
    assert_eq!(unheard["reasons"], json!(["not_heard"]));
    assert_eq!(unheard["missing"], json!(["slow"]));
    assert_eq!(unheard["judges"][1]["status"], "timeout");
    assert_eq!(
        unheard["faithfulness"]["flagged"], false,
        "by the others it holds"
    );
    let mut lenient = judges;
    lenient["accept_missing"] = json!(true);
    let accepted = checked(&nora, TRUE, lenient).await;
    assert_eq!(
        (&accepted["verdict"], &accepted["missing"]),
        (&json!("pass"), &json!(["slow"]))
    );
    // What was sent may be charged for, and counts for the day.
    let begin = Instant::now();
    loop {
        let usage = nora.get("/usage?days=2").await.has(200).json();
        if usage["today"]["calls"] == 2 {
            assert!(
                usage["today"]["prompt_tokens"].as_u64() > Some(0),
                "{usage}"
            );
            break;
        }
        assert!(begin.elapsed() < DEADLINE, "{usage}");
        tokio::time::sleep(GLANCE).await;
    }
    server.finish().await;
}

async fn what_is_kept_goes_on_as_a_run(setup: Setup) {
    let judge = ScriptedJudge::start(Manner::Rates(5));
    let server = quick(setup).file(&judge.configured("model")).start().await;
    let nora = server.register("nora").await;
    let more = json!({ "judges": ["facts", "model"], "keep": true });
    let kept = checked(&nora, TRUE, more).await;
    assert_eq!(kept["verdict"], "pass", "{kept}");
    assert_eq!(kept["missing"], json!([]), "the run's judge is heard");
    assert_eq!(judge.asked(), 1, "it is asked once for both");
    let id = text(&kept["evaluation_id"]);
    let begin = Instant::now();
    loop {
        let evaluation = nora.evaluation(&id).await;
        if evaluation["status"] == "completed" {
            assert_eq!(evaluation["candidate_output"], TRUE);
            break;
        }
        assert!(begin.elapsed() < DEADLINE, "{evaluation}");
        tokio::time::sleep(GLANCE).await;
    }
    server.finish().await;
}

async fn piece(socket: &mut Socket, number: u64, text: &str, last: bool) -> Value {
    piece_of("a", socket, number, text, last).await
}

async fn piece_of(check: &str, socket: &mut Socket, number: u64, text: &str, last: bool) -> Value {
    let data = json!({ "check_id": check, "piece": number, "text": text, "last": last });
    let reply = socket.command("add_to_check", data).await;
    assert_eq!(reply["type"], "check_progress", "{reply}");
    reply["data"].clone()
}

fn labels(progress: &Value) -> Vec<(String, String)> {
    let claims = progress["claims"].as_array().unwrap().iter();
    claims
        .map(|claim| (text(&claim["text"]), text(&claim["label"])))
        .collect()
}

async fn an_answer_is_checked_while_it_is_written(setup: Setup) {
    let server = quick(setup).start().await;
    let nora = server.register("nora").await;
    let begin = json!({
        "check_id": "a",
        "source_text": SOURCE,
        "judges": ["facts", "logic"],
        "budget_ms": 8000,
    });
    let mut socket = nora.connect().await;
    let begun = socket.command("begin_check", begin.clone()).await;
    assert_eq!(
        begun["data"],
        json!({ "check_id": "a", "next_piece": 0, "claims": [] })
    );
    let first = piece(&mut socket, 0, "The mill was built ", false).await;
    assert_eq!((labels(&first), &first["next_piece"]), (vec![], &json!(1)));
    let second = piece(&mut socket, 1, "in 1902. It is 31", false).await;
    let wrong = (
        "The mill was built in 1902.".to_owned(),
        "REFUTED".to_owned(),
    );
    assert_eq!(labels(&second), std::slice::from_ref(&wrong));

    // A piece that is missing, and settings that are others, are refused; a piece that came is not taken twice.
    let gap = json!({ "check_id": "a", "piece": 7, "text": "x" });
    let refused = socket.refused("add_to_check", gap).await;
    assert_eq!(refused["details"]["errors"][0]["pointer"], "/data/piece");
    let again = piece(&mut socket, 1, "in 1902. It is 31", false).await;
    assert_eq!(
        (labels(&again), &again["next_piece"]),
        (vec![wrong.clone()], &json!(2))
    );
    let mut other = begin.clone();
    other["source_text"] = json!("Something else.");
    let refused = socket.refused("begin_check", other).await;
    assert_eq!(refused["details"]["errors"][0]["pointer"], "/data/check_id");
    let unknown = json!({ "check_id": "b", "piece": 0, "text": "x" });
    let refused = socket.refused("add_to_check", unknown).await;
    assert_eq!(refused["code"], "not_found");
    socket.close().await;

    // Whoever comes back goes on where it stands; somebody else has none of it.
    let ben = server.register("ben").await;
    let mut others = ben.connect().await;
    let anew = others.command("begin_check", begin.clone()).await;
    assert_eq!(anew["data"]["next_piece"], 0);
    others.close().await;
    let mut socket = nora.connect().await;
    let resumed = socket.command("begin_check", begin).await;
    assert_eq!(resumed["data"]["next_piece"], 2);
    assert_eq!(labels(&resumed["data"]), [wrong]);
    let whole = piece(&mut socket, 2, " metres high.", true).await;
    let result = &whole["result"];
    assert_eq!(result["verdict"], "flag", "{whole}");
    let all = labels(result);
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[1].1, "SUPPORTED");
    let late = json!({ "check_id": "a", "piece": 3, "text": "x" });
    let refused = socket.refused("add_to_check", late).await;
    assert_eq!(refused["code"], "validation");
    let told_again = piece(&mut socket, 2, " metres high.", true).await;
    assert_eq!(told_again["result"], *result);
    socket.close().await;
    let kept = nora.get("/evaluations").await.has(200).json();
    assert_eq!(kept["items"], json!([]), "nothing is stored");
    server.finish().await;
}

async fn two_answers_are_checked_letter_by_letter_beside_each_other(setup: Setup) {
    let setup = quick(setup).set("AUDITOR_LIMITS__COMMANDS_PER_SECOND", "0");
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = nora.connect().await;
    for check in ["a", "b"] {
        let begin = json!({ "check_id": check, "source_text": SOURCE, "judges": ["facts"], "budget_ms": 8000 });
        let begun = socket.command("begin_check", begin).await;
        assert_eq!(begun["data"]["next_piece"], 0, "{begun}");
    }
    let ended = "The mill was built in 1902. It is 31 metres high. 🜁 The end.";
    let open = "The mill was built in 1874. It belongs to";
    let (mut of_ended, mut of_open) = (Vec::new(), Vec::new());
    let mut letters = open.chars();
    let (mut number, mut number_of_open) = (0, 0);
    for letter in ended.chars() {
        let told = piece_of("a", &mut socket, number, &letter.to_string(), false).await;
        of_ended.extend(labels(&told));
        number += 1;
        if let Some(letter) = letters.next() {
            let text = letter.to_string();
            let told = piece_of("b", &mut socket, number_of_open, &text, false).await;
            of_open.extend(labels(&told));
            number_of_open += 1;
        }
    }
    let told = |text: &str, label: &str| (text.to_owned(), label.to_owned());
    let wrong = told("The mill was built in 1902.", "REFUTED");
    let right = told("It is 31 metres high.", "SUPPORTED");
    assert_eq!(of_ended, [wrong.clone(), right.clone()]);
    assert_eq!(of_open, [told("The mill was built in 1874.", "SUPPORTED")]);
    // One ends with nothing but the word that it does; the other stays as it is.
    let whole = piece_of("a", &mut socket, number, "", true).await;
    assert_eq!(whole["result"]["verdict"], "flag", "{whole}");
    assert_eq!(labels(&whole["result"])[..2], [wrong, right]);
    let begin =
        json!({ "check_id": "b", "source_text": SOURCE, "judges": ["facts"], "budget_ms": 8000 });
    let stands = socket.command("begin_check", begin).await["data"].clone();
    assert_eq!(stands["next_piece"], number_of_open);
    assert_eq!((labels(&stands), stands.get("result")), (of_open, None));
    socket.close().await;
    server.finish().await;
}

async fn the_judges_are_loaded_before_the_first_check(setup: Setup) {
    let setup = setup
        .set("AUDITOR_NEURAL__LOAD_AT_START", "true")
        .set("AUDITOR_LOG", "info,judge_auditor::app=debug");
    let server = setup.start().await;
    let begin = Instant::now();
    // Nobody asks for anything meanwhile.
    let line = loop {
        let printed = server.printed();
        let told = printed
            .lines()
            .find(|line| line.contains("the judges in the program are loaded"));
        if let Some(line) = told {
            break line.to_owned();
        }
        assert!(begin.elapsed() < DEADLINE, "{printed}");
        tokio::time::sleep(GLANCE).await;
    };
    assert!(line.contains("missing=0"), "{line}");
    server.finish().await;
}
