//! The commands for whoever configures judges: `judges check`, and `demo` with judges of one's own.

use serde_json::Value;

use crate::harness::{Format, KEY, KEY_VARIABLE, Manner, ScriptedJudge, run};
use crate::samples::OFFLINE_JUDGES;

const ONCE: &str = "timeout_ms = 60000\n";

/// Every kind of judge is called once, with its key; the answer says how it went.
#[tokio::test]
async fn each_kind_of_judge_is_checked() {
    let judges = Format::ALL.map(|format| (format, ScriptedJudge::start(Manner::Rates(2))));
    let file: String = judges
        .iter()
        .map(|(format, judge)| judge.configured_with_key(format.kind(), *format, ONCE))
        .collect();
    let key = [(KEY_VARIABLE, KEY)];
    let ended = run(&["judges", "check", "--json"], &file, &key).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answers: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(answers.len(), OFFLINE_JUDGES.len() + 1 + judges.len());
    for (answer, name) in answers
        .iter()
        .zip(OFFLINE_JUDGES.into_iter().chain(["novelty"]))
    {
        assert_eq!(
            (&answer["name"], &answer["works"]),
            (&name.into(), &true.into())
        );
        assert_eq!(answer["usage"], Value::Null);
    }
    for (answer, (format, judge)) in answers[OFFLINE_JUDGES.len() + 1..].iter().zip(&judges) {
        assert_eq!(answer["kind"], format.kind());
        assert_eq!(answer["model"], "scripted-1");
        assert_eq!(
            (&answer["works"], &answer["score"]),
            (&true.into(), &25.0.into())
        );
        assert_eq!(answer["usage"]["prompt_tokens"], 321, "{answer}");
        assert_eq!(answer["usage"]["completion_tokens"], 45, "{answer}");
        assert!(answer["latency_ms"].is_u64(), "{answer}");
        assert_eq!(judge.wrong(), Vec::<String>::new());
        assert_eq!(judge.asked(), 1);
    }
    assert!(!ended.stdout.contains(KEY) && !ended.stderr.contains(KEY));
}

#[tokio::test]
async fn a_judge_that_does_not_work_is_told_with_a_hint() {
    let good = ScriptedJudge::start(Manner::Rates(5));
    let bad = ScriptedJudge::start(Manner::Fails(401));
    let busy = ScriptedJudge::start(Manner::Fails(503));
    let file = [
        good.configured_as("good", Format::OpenAi, ONCE),
        bad.configured_with_key("bad", Format::OpenAi, ONCE),
        busy.configured_as("busy", Format::OpenAi, ONCE),
    ]
    .concat();
    let key = [(KEY_VARIABLE, KEY)];
    let ended = run(&["judges", "check"], &file, &key).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let row = |name: &str| {
        let begin = format!("{name} ");
        let found = lines.iter().position(|line| line.starts_with(&begin));
        found.unwrap_or_else(|| panic!("no {name}: {}", ended.stdout))
    };
    assert!(lines[row("good")].contains(" ok "), "{}", ended.stdout);
    assert!(lines[row("good")].contains("321 + 45"), "{}", ended.stdout);
    assert!(lines[row("bad")].contains(" auth "), "{}", ended.stdout);
    assert!(
        lines[row("bad") + 1].contains("HTTP 401"),
        "{}",
        ended.stdout
    );
    assert!(lines[row("bad") + 2].contains("hint: check the judge's key"));
    assert!(lines[row("busy")].contains(" overloaded "));
    assert_eq!(lines.last(), Some(&"6 of 8 work"));
    assert_eq!(busy.asked(), 1, "one call each, whatever max_attempts says");
    // The provider repeats the key; whoever looks over a shoulder must not read it.
    assert!(!ended.stdout.contains(KEY) && !ended.stderr.contains(KEY));

    let ended = run(&["judges", "check", "--judge", "good"], &file, &key).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.ends_with("1 of 1 work\n"), "{}", ended.stdout);
    assert_eq!((good.asked(), bad.asked()), (2, 1));
}

#[tokio::test]
async fn an_unknown_judge_is_an_error_before_anything_starts() {
    let judge = ScriptedJudge::start(Manner::Rates(5));
    let file = judge.configured("scripted");
    for command in [&["judges", "check"][..], &["demo"]] {
        for (names, complaint) in [
            (
                &["scrpited"][..],
                "--judge scrpited: unknown judge \"scrpited\"; there are neural, ",
            ),
            (
                &["scripted", "oracle"],
                "--judge oracle: unknown judge \"oracle\"; there are neural, ",
            ),
            (&["facts", "facts"], "the judge `facts` is named twice"),
        ] {
            let names = names.iter().flat_map(|name| ["--judge", name]);
            let arguments: Vec<&str> = command.iter().copied().chain(names).collect();
            let ended = run(&arguments, &file, &[]).await;
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert!(ended.stderr.contains(complaint), "{ended:?}");
            assert_eq!(ended.stdout, "");
        }
    }
    assert_eq!(judge.asked(), 0);
}

/// With the model in the program left out, its judge is not there, and asking for it is an error that says why.
#[tokio::test]
async fn without_the_model_there_is_no_neural_judge() {
    let ended = run(&["judges", "check", "--json", "--no-neural"], "", &[]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answers: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
    assert!(answers.len() >= 3 && answers.iter().all(|answer| answer["name"] != "neural"));
    for command in ["judges check", "demo"] {
        let words = command
            .split(' ')
            .chain(["--no-neural", "--judge", "neural"]);
        let ended = run(&words.collect::<Vec<_>>(), "", &[]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stderr.contains("`neural` is switched off"),
            "{ended:?}"
        );
    }
}

/// The example is audited by the judges that were named, and by no other.
#[tokio::test]
async fn the_demo_asks_any_configured_judge() {
    let judges = Format::ALL.map(|format| (format, ScriptedJudge::start(Manner::Rates(2))));
    let file: String = judges
        .iter()
        .map(|(format, judge)| {
            judge.configured_with_key(&format!("my-{}", format.kind()), *format, ONCE)
        })
        .collect();
    let names = judges
        .each_ref()
        .map(|(format, _)| format!("my-{}", format.kind()));
    let mut arguments = vec!["demo", "--judge", "facts"];
    arguments.extend(names.iter().flat_map(|name| ["--judge", name.as_str()]));
    let ended = run(&arguments, &file, &[(KEY_VARIABLE, KEY)]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for (name, (_, judge)) in names.iter().zip(&judges) {
        assert!(ended.stdout.contains(name.as_str()), "{}", ended.stdout);
        assert_eq!(judge.asked(), 1, "{name}");
        assert_eq!(judge.wrong(), Vec::<String>::new());
        assert!(judge.questions("Halden Bridge").len() == 1);
    }
    assert!(
        ended.stdout.contains("as the script says"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains("lexical"), "{}", ended.stdout);
    assert!(!ended.stdout.contains(KEY));
}

/// A model that was given up: the provider's own list says what there is instead.
#[tokio::test]
async fn what_a_provider_offers_is_told_in_place_of_a_model_that_is_gone() {
    let judges = Format::ALL.map(|format| (format, ScriptedJudge::start(Manner::Fails(404))));
    let file: String = judges
        .iter()
        .map(|(format, judge)| judge.configured_with_key(format.kind(), *format, ONCE))
        .collect();
    let key = [(KEY_VARIABLE, KEY)];
    for (format, judge) in &judges {
        let arguments = ["judges", "check", "--judge", format.kind(), "--json"];
        let ended = run(&arguments, &file, &key).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let answers: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(answers[0]["failure"], "rejected", "{answers:?}");
        let offered = &answers[0]["offered_models"];
        assert_eq!(offered["has_model"], false, "{offered}");
        assert_eq!(offered["total"], 3);
        assert_eq!(offered["likest"][0], "scripted-2", "{offered}");
        assert_eq!(judge.wrong(), Vec::<String>::new());
        let told = run(&arguments[..4], &file, &key).await;
        let words =
            "does not offer scripted-1; of its 3 models these are called most alike: scripted-2, ";
        assert!(told.stdout.contains(words), "{told:?}");
    }
}
