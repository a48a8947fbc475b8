//! The decoder against what nobody wrote by hand: 100,000 random and mutated messages.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use super::*;

/// One command of each kind, and what is nearly one.
const SEEDS: [&str; 12] = [
    r#"{"type":"authenticate","id":"1","data":{"token":"eyJhbGciOiJIUzI1NiJ9.e30.c2ln"}}"#,
    r#"{"type":"join_session","id":"2","data":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}"#,
    r#"{"type":"join_session","data":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","epoch":"e","last_seq":12}}"#,
    r#"{"type":"leave_session","id":"3","data":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}"#,
    r#"{"type":"start_evaluation","id":"4","data":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057","client_request_id":"r\u00e9"}}"#,
    r#"{"type":"cancel_evaluation","id":"5","data":{"session_id":"01890a5d-ac96-774b-bcce-b302099a8057"}}"#,
    r#"{"type":"ping","id":"6","data":{"a":[1,-2.5e3,null,true,"\ud83d\uddfc"],"b":{"a":{}}}}"#,
    r#"{"type":"ping"}"#,
    r#"{"data":{"last_seq":0,"session_id":"01890A5DAC96774BBCCEB302099A8057"},"type":"join_session"}"#,
    r#"{"type":"dance","id":"7","data":{}}"#,
    r#"[{"type":"ping","type":"ping"},1e999,"\ud800"]"#,
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// What JSON is made of, and what breaks it.
const PIECES: [&str; 30] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "null",
    "true",
    "1e999",
    "-",
    "0",
    "99999999999999999999",
    ".5",
    "\"type\"",
    "\"id\"",
    "\"data\"",
    "\"ping\"",
    "\"session_id\"",
    "\"last_seq\"",
    "\"epoch\"",
    "\0",
    "\n",
    "\u{feff}",
    "🗼",
    "{\"type\":\"ping\",\"data\":",
];

#[derive(Debug, Clone)]
enum Change {
    Insert(usize, &'static str),
    Remove(usize, usize),
    Repeat(usize, usize, usize),
    Put(usize, char),
    Swap(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let place = || 0..200_usize;
    prop_oneof![
        (place(), prop::sample::select(&PIECES[..]))
            .prop_map(|(at, piece)| Change::Insert(at, piece)),
        (place(), 1..30_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        (place(), 1..40_usize, 1..200_usize)
            .prop_map(|(at, count, times)| Change::Repeat(at, count, times)),
        (place(), any::<char>()).prop_map(|(at, c)| Change::Put(at, c)),
        (place(), place()).prop_map(|(a, b)| Change::Swap(a, b)),
    ]
}

fn changed(text: &str, changes: Vec<Change>) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for change in changes {
        let length = chars.len();
        let part = |at: usize, count: usize| {
            (at % (length + 1))
                ..(at % (length + 1) + count)
                    .min(length)
                    .max(at % (length + 1))
        };
        match change {
            Change::Insert(at, piece) => drop(chars.splice(part(at, 0), piece.chars())),
            Change::Remove(at, count) => drop(chars.drain(part(at, count))),
            Change::Repeat(at, count, times) => {
                let range = part(at, count);
                let repeated = chars[range.clone()].repeat(times);
                drop(chars.splice(range, repeated));
            }
            Change::Put(at, c) => drop(chars.splice(part(at, 1), [c])),
            Change::Swap(a, b) if length > 0 => chars.swap(a % length, b % length),
            Change::Swap(..) => {}
        }
    }
    chars.into_iter().collect()
}

fn message() -> impl Strategy<Value = String> {
    let mutated = (
        prop::sample::select(&SEEDS[..]),
        prop::collection::vec(change(), 0..5),
    )
        .prop_map(|(seed, changes)| changed(seed, changes));
    let of_pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..20)
        .prop_map(|pieces| pieces.concat());
    prop_oneof![6 => mutated, 2 => of_pieces, 1 => any::<String>()]
}

/// A command as a client would write it.
fn encoded(id: Option<&str>, command: &Command) -> String {
    let (kind, data) = match command {
        Command::Authenticate { token } => ("authenticate", Some(json!({ "token": token }))),
        Command::JoinSession {
            session_id,
            position: None,
        } => ("join_session", Some(json!({ "session_id": session_id }))),
        Command::JoinSession {
            session_id,
            position: Some(Position { epoch, last_seq }),
        } => (
            "join_session",
            Some(json!({ "session_id": session_id, "epoch": epoch, "last_seq": last_seq })),
        ),
        Command::LeaveSession { session_id } => {
            ("leave_session", Some(json!({ "session_id": session_id })))
        }
        Command::StartEvaluation {
            session_id,
            client_request_id,
        } => (
            "start_evaluation",
            Some(json!({ "session_id": session_id, "client_request_id": client_request_id })),
        ),
        Command::CancelEvaluation { session_id } => (
            "cancel_evaluation",
            Some(json!({ "session_id": session_id })),
        ),
        Command::BeginCheck(settings) => ("begin_check", serde_json::to_value(settings).ok()),
        Command::AddToCheck(piece) => ("add_to_check", serde_json::to_value(piece).ok()),
        Command::Ping { data } => ("ping", data.clone()),
    };
    let mut message = json!({ "type": kind, "id": id });
    if let Some(data) = data {
        message["data"] = data;
    }
    message.to_string()
}

#[test]
fn a_message_is_a_command_or_a_refusal() {
    const MESSAGES: u32 = 100_000;
    const REFUSALS: [ErrorCode; 3] = [
        ErrorCode::BadRequest,
        ErrorCode::UnknownType,
        ErrorCode::Validation,
    ];
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    println!("seed {seed:?}");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let config = Config {
        cases: MESSAGES,
        failure_persistence: None,
        ..Config::default()
    };
    let (obeyed, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let outcome = TestRunner::new_with_rng(config, rng).run(&message(), |text| {
        let envelope = decode(&text);
        let id = envelope.id.as_deref();
        prop_assert!(id.is_none_or(|id| id.chars().count() <= MAX_ID_CHARS));
        match envelope.command {
            Ok(command) => {
                obeyed.set(obeyed.get() + 1);
                let again = decode(&encoded(id, &command));
                prop_assert_eq!(again.id.as_deref(), id);
                let again = again
                    .command
                    .map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
                prop_assert_eq!(format!("{again:?}"), format!("{command:?}"));
            }
            Err(refusal) => {
                refused.set(refused.get() + 1);
                prop_assert!(REFUSALS.contains(&refusal.code), "{}", refusal);
                prop_assert!(refusal.message.len() < 2000, "{}", refusal);
            }
        }
        Ok(())
    });
    println!("{} commands, {} refusals", obeyed.get(), refused.get());
    if let Err(why) = outcome {
        panic!("{why}");
    }
    // The mutations must leave enough on both sides, or nothing was tried.
    assert!(obeyed.get() > MESSAGES / 20 && refused.get() > MESSAGES / 4);
}

#[test]
fn a_refusal_does_not_repeat_what_was_sent() {
    let long = "🗼".repeat(20_000);
    for text in [
        format!("\"{long}\""),
        format!(r#"{{"type":["{long}"]}}"#),
        format!(r#"{{"type":"{long}"}}"#),
        format!(r#"{{"type":"join_session","data":"{long}"}}"#),
        format!(r#"{{"type":"join_session","data":{{"session_id":"{long}"}}}}"#),
    ] {
        let refusal = decode(&text).command.unwrap_err();
        let fields: usize = refusal.fields.iter().map(|fault| fault.detail.len()).sum();
        assert!(refusal.message.len() + fields < 3000, "{refusal:?}");
    }
}

#[test]
fn a_name_that_is_there_twice_is_refused_where_it_means_something() {
    let session = "01890a5d-ac96-774b-bcce-b302099a8057";
    let code = |text: &str| decode(text).command.err().map(|refusal| refusal.code);
    for (text, expected) in [
        (
            r#"{"type":"ping","type":"ping"}"#.to_owned(),
            Some(ErrorCode::BadRequest),
        ),
        (
            r#"{"type":"ping","id":"a","id":"a"}"#.to_owned(),
            Some(ErrorCode::BadRequest),
        ),
        (
            r#"{"type":"ping","data":1,"data":1}"#.to_owned(),
            Some(ErrorCode::BadRequest),
        ),
        (
            format!(
                r#"{{"type":"leave_session","data":{{"session_id":"{session}","session_id":"{session}"}}}}"#
            ),
            Some(ErrorCode::Validation),
        ),
        (r#"{"type":"ping","more":1,"more":2}"#.to_owned(), None),
    ] {
        assert_eq!(code(&text), expected, "{text}");
    }
    let Ok(Command::Ping { data }) = decode(r#"{"type":"ping","data":{"a":1,"a":2}}"#).command
    else {
        panic!("not a ping");
    };
    assert_eq!(
        data,
        Some(json!({ "a": 2 })),
        "a ping's data is the client's own: the last one counts"
    );
}
