//! The four kinds of language-model judges, each against a provider of its kind that fails in every
//! way there is. A failure is told by its kind, is tried again only where that helps, never becomes a
//! score, and leaves the other judges as they are.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    ComeBack, Format, Frame, KEY, KEY_VARIABLE, Manner, Person, ScriptedJudge, Setup,
};
use crate::samples::{self, OFFLINE_JUDGES};

/// Two attempts, so that it shows which failures are tried again.
const TWICE: &str = "max_attempts = 2\ntimeout_ms = 4000\n";

/// Longer than both attempts together.
const TOO_LONG: Duration = Duration::from_secs(600);

/// Well within one attempt.
const SLOWLY: Duration = Duration::from_millis(700);

/// What a provider does, and what has to be told of it.
struct Fault {
    name: &'static str,
    manner: Manner,
    status: &'static str,
    failure: &'static str,
    attempts: usize,
}

const fn fault(
    name: &'static str,
    manner: Manner,
    (status, failure): (&'static str, &'static str),
    attempts: usize,
) -> Fault {
    Fault {
        name,
        manner,
        status,
        failure,
        attempts,
    }
}

const REFUSED: (&str, &str) = ("failed", "refused");
const MALFORMED: (&str, &str) = ("failed", "malformed");
const TRUNCATED: (&str, &str) = ("failed", "truncated");
const TIMEOUT: (&str, &str) = ("timeout", "timeout");
const RATE_LIMITED: (&str, &str) = ("rate_limited", "rate_limited");
const QUOTA: (&str, &str) = ("failed", "quota");
const AUTH: (&str, &str) = ("failed", "auth");
const OVERLOADED: (&str, &str) = ("unavailable", "overloaded");
const TRANSPORT: (&str, &str) = ("unavailable", "transport");
const REJECTED: (&str, &str) = ("failed", "rejected");

fn faults(format: Format, elsewhere: &ScriptedJudge) -> Vec<Fault> {
    use Manner::{Fails, Limits};
    // Models on Ollama decline in plain words only, which no rule tells from other words.
    let (refused, times) = match format {
        Format::Ollama => (MALFORMED, 2),
        _ => (REFUSED, 1),
    };
    vec![
        fault("refuses", Manner::Refuses, refused, times),
        // The second is the request to repair it.
        fault("rambles", Manner::Rambles, MALFORMED, 2),
        fault("misshapes", Manner::Misshapes, MALFORMED, 2),
        // So is the second of these, where there is nothing to repair.
        fault("breaks", Manner::Breaks, MALFORMED, 2),
        fault("empty", Manner::IsEmpty, MALFORMED, 2),
        fault("floods", Manner::Floods, MALFORMED, 1),
        fault("truncates", Manner::Truncates, TRUNCATED, 1),
        fault("slow-head", Manner::Hangs, TIMEOUT, 2),
        fault("slow-body", Manner::Trickles(TOO_LONG), TIMEOUT, 2),
        fault("cuts", Manner::Cuts, TRANSPORT, 2),
        fault("cuts-body", Manner::CutsBody, TRANSPORT, 2),
        fault("limits", Limits(ComeBack::Unsaid), RATE_LIMITED, 2),
        fault("limits-2s", Limits(ComeBack::Seconds(2)), RATE_LIMITED, 2),
        fault("limits-date", Limits(ComeBack::Date(2)), RATE_LIMITED, 2),
        // That is past the time of all attempts.
        fault(
            "limits-1h",
            Limits(ComeBack::Seconds(3600)),
            RATE_LIMITED,
            1,
        ),
        fault("fails-400", Fails(400), REJECTED, 1),
        fault("fails-401", Fails(401), AUTH, 1),
        fault("fails-402", Fails(402), QUOTA, 1),
        fault("broke", Manner::IsBroke, QUOTA, 1),
        fault("fails-403", Fails(403), AUTH, 1),
        fault("fails-404", Fails(404), REJECTED, 1),
        fault("fails-500", Fails(500), OVERLOADED, 2),
        fault("fails-503", Fails(503), OVERLOADED, 2),
        fault("fails-529", Fails(529), OVERLOADED, 2),
        fault("fails-inside", Manner::FailsInside, OVERLOADED, 2),
        fault(
            "redirects",
            Manner::Redirects(elsewhere.address()),
            REJECTED,
            1,
        ),
    ]
}

fn results(events: &[Frame]) -> Vec<&Value> {
    let heard = events.iter().filter(|event| event.kind() == "judge_result");
    heard.map(Frame::data).collect()
}

fn result_of<'a>(events: &'a [Frame], judge: &str) -> &'a Value {
    results(events)
        .into_iter()
        .find(|data| data["judge_name"] == judge)
        .unwrap_or_else(|| panic!("{judge} was not heard"))
}

/// The events and the stored result of an audit by these judges.
async fn audit(person: &Person, judges: &[&str]) -> (Vec<Frame>, Value) {
    let id = person.create(&samples::evaluation_by(judges)).await;
    let events = person.audit(&id).await;
    (events, person.evaluation(&id).await)
}

async fn every_fault(setup: Setup, format: Format) {
    let elsewhere = ScriptedJudge::start(Manner::Rates(5));
    let faults = faults(format, &elsewhere);
    let providers: Vec<ScriptedJudge> = faults
        .iter()
        .map(|fault| ScriptedJudge::start(fault.manner))
        .collect();
    let file: String = faults
        .iter()
        .zip(&providers)
        .map(|(fault, provider)| provider.configured_with_key(fault.name, format, TWICE))
        .collect();
    let server = setup.set(KEY_VARIABLE, KEY).file(&file).start().await;
    server.door().keep_secret(KEY);
    let nora = server.register("nora").await;
    let (alone, before) = audit(&nora, &OFFLINE_JUDGES).await;
    let names = faults.iter().map(|fault| fault.name);
    let panel: Vec<&str> = OFFLINE_JUDGES.into_iter().chain(names).collect();
    let (events, evaluation) = audit(&nora, &panel).await;

    // All of them, so that one run shows everything that is wrong.
    let mut wrong = Vec::new();
    for (fault, provider) in faults.iter().zip(&providers) {
        let heard = result_of(&events, fault.name);
        let told = json!([
            heard["status"],
            heard["failure"],
            heard["attempts"],
            heard["kind"]
        ]);
        let expected = json!([fault.status, fault.failure, fault.attempts, format.kind()]);
        if told != expected {
            wrong.push(format!("{}: not {expected}: {heard}", fault.name));
        }
        if !(heard["score"].is_null() && heard["confidence"].is_null()) {
            wrong.push(format!("{}: a score: {heard}", fault.name));
        }
        if heard["error"].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("{}: no reason: {heard}", fault.name));
        }
        if provider.asked() != fault.attempts {
            let times = provider.asked();
            wrong.push(format!("{}: asked {times} times: {heard}", fault.name));
        }
        wrong.extend(provider.wrong());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(elsewhere.asked(), 0, "a key must not follow a redirect");
    for (fault, provider) in faults.iter().zip(&providers) {
        if matches!(
            fault.manner,
            Manner::Limits(ComeBack::Seconds(2) | ComeBack::Date(2))
        ) {
            let [first, second] = <[_; 2]>::try_from(provider.questions("")).unwrap();
            let waited = second.at.duration_since(first.at).unwrap();
            // A date has no parts of a second.
            assert!(
                waited >= Duration::from_secs(2),
                "{}: {waited:?}",
                fault.name
            );
        }
    }
    for judge in OFFLINE_JUDGES {
        let (heard, without) = (result_of(&events, judge), result_of(&alone, judge));
        for part in ["status", "score", "confidence", "flagged_issues"] {
            assert_eq!(heard[part], without[part], "{judge}");
        }
    }
    let end = events.last().unwrap();
    assert_eq!(end.kind(), "evaluation_complete", "{}", end.text);
    assert_eq!(end.data()["degraded"], true);
    let (result, clean) = (&evaluation["result"], &before["result"]);
    assert_eq!(result["consensus_score"], clean["consensus_score"]);
    assert_eq!(result["judges"]["failed"], json!(faults.len()));
    assert_eq!(result["judges"]["completed"], clean["judges"]["completed"]);
    assert!(!evaluation.to_string().contains(KEY));
    for event in &events {
        assert!(!event.text.contains(KEY), "{}", event.text);
    }
    server.finish().await;
}

async fn every_recovery(setup: Setup, format: Format) {
    use Manner::{Fails, Limits, Rambles, Rates, Takes, Trickles};
    let table: [(&str, &[Manner], u64, bool); 8] = [
        ("at-once", &[], 1, false),
        ("slow-head", &[Takes(SLOWLY)], 1, false),
        ("slow-body", &[Trickles(SLOWLY)], 1, false),
        ("after-503", &[Fails(503)], 2, false),
        ("after-429", &[Limits(ComeBack::Seconds(1))], 2, false),
        ("after-a-cut", &[Manner::Cuts], 2, false),
        ("after-prose", &[Rambles], 2, true),
        ("after-another-shape", &[Manner::Misshapes], 2, true),
    ];
    let providers = table.map(|(_, manners, ..)| {
        let provider = ScriptedJudge::start(Rates(4));
        provider.first(manners);
        provider
    });
    let file: String = table
        .iter()
        .zip(&providers)
        .map(|((name, ..), provider)| provider.configured_with_key(name, format, TWICE))
        .collect();
    let server = setup.set(KEY_VARIABLE, KEY).file(&file).start().await;
    let nora = server.register("nora").await;
    let (events, _) = audit(&nora, &table.map(|(name, ..)| name)).await;
    for ((name, _, attempts, repaired), provider) in table.iter().zip(&providers) {
        let heard = result_of(&events, name);
        assert_eq!(heard["status"], "completed", "{format:?}: {heard}");
        assert_eq!(
            (&heard["score"], &heard["confidence"]),
            (&json!(75.0), &json!(0.9))
        );
        assert_eq!(heard["reasoning"], "as the script says");
        assert_eq!(heard["attempts"], *attempts, "{heard}");
        assert_eq!(heard.get("failure"), None, "{heard}");
        let again = &heard["details"]["repaired"];
        assert_eq!(again.as_bool().unwrap_or(false), *repaired, "{heard}");
        // What could not be used is paid for, too.
        let paid = if *repaired { 2 } else { 1 };
        assert_eq!(heard["usage"]["prompt_tokens"], 321 * paid, "{heard}");
        assert_eq!(heard["usage"]["completion_tokens"], 45 * paid, "{heard}");
        assert_eq!(provider.wrong(), Vec::<String>::new(), "{name}");
    }
    let end = events.last().unwrap();
    assert_eq!(
        (end.kind(), &end.data()["degraded"]),
        ("evaluation_complete", &json!(false))
    );
    server.finish().await;
}

macro_rules! for_each_format {
    ($($module:ident: $format:expr;)+) => {$(
        mod $module {
            use super::*;

            #[tokio::test]
            async fn each_fault_is_told_by_its_kind() {
                every_fault(Setup::sqlite(), $format).await;
            }

            #[tokio::test]
            async fn what_passes_is_waited_out() {
                every_recovery(Setup::sqlite(), $format).await;
            }
        }
    )+};
}

for_each_format! {
    openai: Format::OpenAi;
    anthropic: Format::Anthropic;
    gemini: Format::Gemini;
    ollama: Format::Ollama;
}

#[tokio::test]
async fn each_fault_is_told_on_postgres_too() {
    if let Some(setup) = Setup::postgres() {
        every_fault(setup, Format::OpenAi).await;
    }
}
