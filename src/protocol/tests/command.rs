use super::*;

const SESSION: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn code(text: &str) -> Option<ErrorCode> {
    decode(text).command.err().map(|refusal| refusal.code)
}

#[test]
fn every_command_is_read() {
    let join = format!(
        r#"{{"type":"join_session","id":"7","data":{{"session_id":"{SESSION}","epoch":"e","last_seq":3,"more":1}}}}"#
    );
    let envelope = decode(&join);
    assert_eq!(envelope.id.as_deref(), Some("7"));
    let Ok(Command::JoinSession {
        session_id,
        position,
    }) = envelope.command
    else {
        panic!("not a join");
    };
    assert_eq!(session_id.to_string(), SESSION);
    assert_eq!(
        position,
        Some(Position {
            epoch: Some("e".into()),
            last_seq: 3
        })
    );
    for kind in ["leave_session", "start_evaluation", "cancel_evaluation"] {
        let text = format!(r#"{{"type":"{kind}","data":{{"session_id":"{SESSION}"}}}}"#);
        assert!(decode(&text).command.is_ok(), "{kind}");
    }
    assert!(
        decode(r#"{"type":"authenticate","data":{"token":"t"}}"#)
            .command
            .is_ok()
    );
    assert!(decode(r#"{"type":"ping"}"#).command.is_ok());
}

#[test]
fn what_is_not_a_command_has_a_code() {
    let deep = format!(
        r#"{{"type":"ping","data":{}{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    let cases = [
        ("", ErrorCode::BadRequest),
        ("{", ErrorCode::BadRequest),
        ("[]", ErrorCode::BadRequest),
        (r#"["ping","x",{}]"#, ErrorCode::BadRequest),
        ("{}", ErrorCode::BadRequest),
        (r#"{"type":5}"#, ErrorCode::BadRequest),
        (r#"{"type":"ping","type":"ping"}"#, ErrorCode::BadRequest),
        (r#"{"type":"ping","id":5}"#, ErrorCode::BadRequest),
        (deep.as_str(), ErrorCode::BadRequest),
        (r#"{"type":"dance"}"#, ErrorCode::UnknownType),
        (r#"{"type":"join_session"}"#, ErrorCode::Validation),
        (
            r#"{"type":"join_session","data":{"session_id":"no"}}"#,
            ErrorCode::Validation,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(
            code(text),
            Some(expected),
            "{}",
            &text[..text.len().min(60)]
        );
    }
}

#[test]
fn a_position_needs_its_epoch() {
    let join = |rest: &str| {
        code(&format!(
            r#"{{"type":"join_session","data":{{"session_id":"{SESSION}"{rest}}}}}"#
        ))
    };
    assert_eq!(join(r#","last_seq":4"#), Some(ErrorCode::Validation));
    assert_eq!(join(r#","last_seq":-1"#), Some(ErrorCode::Validation));
    assert_eq!(join(r#","last_seq":0"#), None);
    assert_eq!(join(r#","epoch":"e","last_seq":9223372036854775807"#), None);
}
