//! `run` on the command line: files of cases and folders, reports, baselines, exit codes.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended, Manner, ScriptedJudge, Setup, run, text};

on_every_database!(cases_are_judged_by_a_server_with_a_key);

const SOURCE: &str = "The mill was built in 1874. It is 31 metres high and belongs to the town.";
const TRUE: &str = "The mill was built in 1874.";
const FALSE: &str = "The mill was built in 1902.";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::with_prefix("auditor-run-").unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = PathBuf::from(self.path(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.path(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }
}

/// Cases of these outputs, `c0`, `c1` and so on.
fn cases(outputs: &[&str]) -> String {
    let lines = outputs.iter().enumerate().map(|(at, output)| {
        let case = json!({
            "id": format!("c{at}"),
            "source": SOURCE,
            "candidate": output,
            "doc": format!("d{at}"),
        });
        format!("{case}\n")
    });
    lines.collect()
}

async fn gate(arguments: &[&str]) -> Ended {
    let mut all = vec!["--no-neural", "run", "--judge", "facts", "--judge", "logic"];
    all.extend(arguments);
    run(&all, "", &[]).await
}

#[tokio::test]
async fn cases_are_judged_reported_and_gated() {
    let folder = Folder::new();
    let file = folder.write("cases.jsonl", &cases(&[TRUE, FALSE, "Hello!", TRUE]));
    let paths =
        ["out.jsonl", "junit.xml", "findings.sarif", "summary.md"].map(|name| folder.path(name));
    let [out, junit, sarif, summary] = &paths;
    let reports = [
        "--out",
        out,
        "--junit",
        junit,
        "--sarif",
        sarif,
        "--summary",
        summary,
    ];
    let mut arguments = vec![&*file, "--min-faithful", "0.9", "--json"];
    arguments.extend(reports);
    let ended = gate(&arguments).await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    let counts = ["items", "passed", "failed", "errored", "nothing_to_check"];
    assert_eq!(
        counts.map(|name| figures[name].as_u64().unwrap()),
        [4, 2, 1, 0, 1]
    );
    assert_eq!(figures["gate"]["holds"], false);
    let junit = folder.read("junit.xml");
    assert!(
        junit.contains(r#"tests="4""#) && junit.contains(r#"failures="1""#),
        "{junit}"
    );
    assert!(
        junit.contains("REFUTED: The mill was built in 1902."),
        "{junit}"
    );
    let sarif: Value = serde_json::from_str(&folder.read("findings.sarif")).unwrap();
    let finding = &sarif["runs"][0]["results"][0];
    let region = &finding["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&finding["ruleId"], &region["startLine"]),
        (&json!("refuted-claim"), &json!(2))
    );
    let summary = folder.read("summary.md");
    assert!(
        summary.starts_with("## Judge Auditor: the gate does not hold"),
        "{summary}"
    );

    // Without a gate it is done; a floor that it is over holds.
    assert_eq!(gate(&[&file]).await.code, Some(0));
    assert_eq!(gate(&[&file, "--min-faithful", "0.6"]).await.code, Some(0));
}

#[tokio::test]
async fn a_run_goes_on_where_it_was_stopped() {
    let folder = Folder::new();
    let file = folder.write("cases.jsonl", &cases(&[TRUE, FALSE, TRUE]));
    let out = folder.path("out.jsonl");
    assert_eq!(gate(&[&file, "--out", &out]).await.code, Some(0));
    let whole = folder.read("out.jsonl");
    assert_eq!(whole.lines().count(), 3);
    // As a run leaves it that was killed while it wrote its last line.
    let half = whole.len() - whole.lines().last().unwrap().len() / 2;
    folder.write("out.jsonl", &whole[..half]);
    let ended = gate(&[&file, "--out", &out, "--json"]).await;
    assert!(
        ended.stderr.contains("2 of 3 are done already, 1 are left"),
        "{ended:?}"
    );
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&figures["passed"], &figures["failed"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(folder.read("out.jsonl").lines().count(), 3);
    // A case whose text has changed is judged again, and the last result of a case counts.
    folder.write("cases.jsonl", &cases(&[TRUE, TRUE, TRUE]));
    let ended = gate(&[&file, "--out", &out, "--json"]).await;
    assert!(
        ended.stderr.contains("2 of 3 are done already"),
        "{ended:?}"
    );
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&figures["passed"], &figures["failed"]),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn a_baseline_is_compared_by_one_ruler() {
    let folder = Folder::new();
    let file = folder.write("cases.jsonl", &cases(&[TRUE; 12]));
    let main = folder.path("main.jsonl");
    assert_eq!(gate(&[&file, "--out", &main]).await.code, Some(0));
    let worse = folder.write("worse.jsonl", &cases(&[FALSE; 12]));
    let beside = ["--baseline", &main, "--json"];
    let ended = gate(&[&[&*worse], &beside[..]].concat()).await;
    assert_eq!(
        ended.code,
        Some(0),
        "without a gate it is told alone: {ended:?}"
    );
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    let baseline = &figures["baseline"];
    assert_eq!(
        (&baseline["items"], &baseline["newly_flagged"]),
        (&json!(12), &json!(12))
    );
    assert!(
        baseline["mcnemar_p"].as_f64().unwrap() < 0.001,
        "{baseline}"
    );
    let gated = gate(&[&[&*worse, "--no-worse-by", "50"], &beside[..]].concat()).await;
    assert_eq!(gated.code, Some(3), "{gated:?}");
    let same = gate(&[&[&*file, "--no-worse-by", "50"], &beside[..]].concat()).await;
    assert_eq!(same.code, Some(0), "{same:?}");

    // Another panel is another ruler.
    let other = |more: &[&str]| {
        let mut all = vec![
            "--no-neural",
            "run",
            "--judge",
            "facts",
            &*file,
            "--baseline",
            &*main,
        ];
        all.extend(more);
        let all: Vec<String> = all.into_iter().map(str::to_owned).collect();
        async move {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            run(&all, "", &[]).await
        }
    };
    let refused = other(&[]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("another ruler") && refused.stderr.contains("judges: "),
        "{refused:?}"
    );
    let out = folder.path("other.jsonl");
    let refused = other(&["--out", &out]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        !PathBuf::from(&out).exists(),
        "it is told before anything is judged: {refused:?}"
    );
    let bridged = other(&["--bridge"]).await;
    assert_eq!(bridged.code, Some(0), "{bridged:?}");
    assert!(
        bridged.stdout.contains("the baseline's texts judged again"),
        "{bridged:?}"
    );
    // By the same panel nothing has to be judged again.
    let same = gate(&[&*file, "--baseline", &main, "--bridge"]).await;
    assert_eq!(same.code, Some(0), "{same:?}");
    assert!(!same.stdout.contains("judged again"), "{same:?}");
}

#[tokio::test]
async fn what_is_read_is_never_overwritten() {
    let folder = Folder::new();
    let case = cases(&[TRUE]);
    let file = folder.write("one.jsonl", case.trim_end());
    let ended = gate(&[&file, "--out", &file]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(folder.read("one.jsonl"), case.trim_end());
    let notes = folder.write("notes.txt", "buy milk");
    let ended = gate(&[&file, "--out", &notes]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(folder.read("notes.txt"), "buy milk");
}

#[tokio::test]
async fn a_folder_is_held_to_its_sources() {
    let folder = Folder::new();
    folder.write("specs/mill.md", SOURCE);
    folder.write(
        "guides/a.md",
        "# The mill\n\nIt belongs to the town. The mill was built in 1902.\n",
    );
    let sarif = folder.path("findings.sarif");
    let (specs, pattern) = (folder.path("specs"), folder.path("guides/**/*.md"));
    let ended = gate(&[
        "--source",
        &specs,
        "--candidate",
        &pattern,
        "--sarif",
        &sarif,
    ])
    .await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let sarif: Value = serde_json::from_str(&folder.read("findings.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let refuted = results
        .iter()
        .find(|result| result["ruleId"] == "refuted-claim")
        .unwrap();
    let place = &refuted["locations"][0]["physicalLocation"];
    assert_eq!(
        (
            &place["region"]["startLine"],
            &place["region"]["startColumn"]
        ),
        (&json!(3), &json!(25))
    );
    let beside = &refuted["relatedLocations"][0]["physicalLocation"];
    assert!(
        text(&beside["artifactLocation"]["uri"]).ends_with("specs/mill.md"),
        "{beside}"
    );
    assert_eq!(beside["region"]["startLine"], 1);
}

#[tokio::test]
async fn wrong_input_and_money_are_told_before_anything_is_asked() {
    let folder = Folder::new();
    let file = folder.write("cases.jsonl", &(cases(&[TRUE]) + "{\"id\": \"x\"}\n"));
    let ended = gate(&[&file]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("cases.jsonl, line 2"), "{ended:?}");
    for arguments in [
        &["--min-faithful", "2", "x"][..],
        &[],
        &["--no-worse-by", "5", "x"],
    ] {
        assert_eq!(gate(arguments).await.code, Some(2), "{arguments:?}");
    }
    let judge = ScriptedJudge::start(Manner::Rates(5));
    let good = folder.write("good.jsonl", &cases(&[TRUE]));
    let paid = [
        "--no-neural",
        "run",
        "--judge",
        "facts",
        "--judge",
        "model",
        &*good,
    ];
    let refused = run(&paid, &judge.configured("model"), &[]).await;
    assert_eq!((refused.code, judge.asked()), (Some(2), 0), "{refused:?}");
    assert!(refused.stderr.contains("1 items: 1 calls"), "{refused:?}");
    let out = folder.path("out.jsonl");
    let asked = [&paid[..], &["--yes", "--out", &out]].concat();
    let ended = run(&asked, &judge.configured("model"), &[]).await;
    assert_eq!((ended.code, judge.asked()), (Some(0), 1), "{ended:?}");
}

#[tokio::test]
async fn the_estimate_counts_the_texts_of_a_bridged_baseline() {
    let folder = Folder::new();
    let before = folder.write("before.jsonl", &cases(&[FALSE, FALSE]));
    let main = folder.path("main.jsonl");
    let kept = [
        "--no-neural",
        "run",
        "--judge",
        "facts",
        &*before,
        "--out",
        &*main,
    ];
    assert_eq!(run(&kept, "", &[]).await.code, Some(0));
    let judge = ScriptedJudge::start(Manner::Rates(5));
    let now = folder.write("now.jsonl", &cases(&[TRUE]));
    let bridged = [
        "--no-neural",
        "run",
        "--judge",
        "facts",
        "--judge",
        "model",
        &*now,
        "--baseline",
        &*main,
        "--bridge",
    ];
    let refused = run(&bridged, &judge.configured("model"), &[]).await;
    assert_eq!((refused.code, judge.asked()), (Some(2), 0), "{refused:?}");
    // Of the baseline only the items of this run are judged again.
    assert!(refused.stderr.contains("2 items: 2 calls"), "{refused:?}");
    let agreed = [&bridged[..], &["--yes"]].concat();
    let ended = run(&agreed, &judge.configured("model"), &[]).await;
    assert_eq!((ended.code, judge.asked()), (Some(0), 2), "{ended:?}");
    assert!(
        ended.stdout.contains("the baseline's texts judged again"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_blank_file_is_errored_and_the_others_are_judged() {
    let folder = Folder::new();
    folder.write("specs/mill.md", SOURCE);
    folder.write("guides/a.md", TRUE);
    folder.write("guides/b.md", " \n");
    let (specs, pattern) = (folder.path("specs"), folder.path("guides/*.md"));
    let ended = gate(&["--source", &specs, "--candidate", &pattern, "--json"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&figures["passed"], &figures["errored"]),
        (&json!(1), &json!(1)),
        "{figures}"
    );
}

#[tokio::test]
async fn a_gate_holds_nothing_that_was_not_judged() {
    let folder = Folder::new();
    let file = folder.write("greetings.jsonl", &cases(&["Hello! How are you?"]));
    assert_eq!(gate(&[&file]).await.code, Some(0));
    let gated = gate(&[&file, "--min-faithful", "0.5"]).await;
    assert_eq!(gated.code, Some(3), "{gated:?}");
    assert!(gated.stdout.contains("nothing was judged"), "{gated:?}");
}

#[tokio::test]
async fn what_could_not_be_judged_is_errored_and_tried_again() {
    let folder = Folder::new();
    let file = folder.write("cases.jsonl", &cases(&[TRUE]));
    let (out, junit) = (folder.path("out.jsonl"), folder.path("junit.xml"));
    let judge = ScriptedJudge::start(Manner::Rambles);
    let arguments = [
        "--no-neural",
        "run",
        "--judge",
        "facts",
        "--judge",
        "model",
        "--yes",
        &*file,
        "--out",
        &*out,
        "--junit",
        &*junit,
    ];
    let ended = run(&arguments, &judge.configured("model"), &[]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(folder.read("junit.xml").contains(r#"errors="1""#));
    judge.turns(Manner::Rates(5));
    let ended = run(&arguments, &judge.configured("model"), &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn a_row_of_promptfoo_without_an_output_is_errored() {
    let folder = Folder::new();
    let row = |at: usize| json!({ "testIdx": at, "vars": { "context": SOURCE } });
    let mut good = row(0);
    good["response"] = json!({ "output": TRUE });
    let mut bad = row(1);
    bad["response"] = json!({});
    bad["error"] = json!("API error: 500");
    let unnumbered = json!({ "vars": { "context": SOURCE }, "error": "API error: 429" });
    let mut object = row(2);
    object["response"] = json!({ "output": { "answer": TRUE } });
    let results = json!({ "results": { "results": [good, bad, unnumbered, object] } });
    let file = folder.write("results.json", &results.to_string());
    let junit = folder.path("junit.xml");
    let ended = gate(&[&file, "--junit", &junit]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let counts = "1 passed, 0 failed, 3 errored";
    assert!(ended.stdout.contains(counts), "{ended:?}");
    let report = folder.read("junit.xml");
    for told in [
        "API error: 500",
        "API error: 429",
        "an object without a text",
    ] {
        assert!(report.contains(told), "{told}: {report}");
    }
}

async fn cases_are_judged_by_a_server_with_a_key(setup: Setup) {
    let server = setup.set("AUDITOR_NEURAL__ENABLED", "false").start().await;
    let nora = server.register("nora").await;
    let body = json!({ "name": "build", "scopes": ["audit"] });
    let made = nora.post("/keys", &body).await.has(201).json();
    let key = text(&made["key"]);
    server.door().keep_secret(&key);
    let folder = Folder::new();
    let file = folder.write("cases.jsonl", &cases(&[TRUE, FALSE]));
    let url = server.door().address();
    let url = if url.starts_with("http") {
        url
    } else {
        format!("http://{url}")
    };
    let arguments = [
        "run", &*file, "--server", &*url, "--judge", "facts", "--judge", "logic", "--json",
    ];
    let without = run(&arguments, "", &[]).await;
    assert_eq!(without.code, Some(2), "{without:?}");
    assert!(without.stderr.contains("JUDGE_AUDITOR_KEY"), "{without:?}");
    let ended = run(&arguments, "", &[("JUDGE_AUDITOR_KEY", &key)]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let figures: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&figures["passed"], &figures["failed"]),
        (&json!(1), &json!(1))
    );
    assert!(!ended.stderr.contains(&key) && !ended.stdout.contains(&key));
    let key_file = folder.write("key", &format!("{key}\n"));
    let unknown = [
        "run",
        &*file,
        "--server",
        &*url,
        "--judge",
        "nobody",
        "--key-file",
        &*key_file,
    ];
    let refused = run(&unknown, "", &[]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.stderr.contains("no judge of that name"),
        "{refused:?}"
    );
    server.finish().await;
}
