//! Messages that nobody should send: a clear error, one for each, and the socket goes on.

use serde_json::{Value, json};

use crate::harness::{RawSocket, Setup, text_frame};

on_every_database!(
    messages_that_are_no_commands_are_refused,
    odd_but_whole_commands_are_obeyed,
);

async fn messages_that_are_no_commands_are_refused(setup: Setup) {
    let setup = setup
        .limit("max_message_bytes", 1 << 20)
        .limit("commands_per_second", 0);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = RawSocket::open(&nora, b"").await;
    let deep = "[".repeat(100_000);
    let closed = format!("{deep}{}", "]".repeat(100_000));
    let digits = "9".repeat(400);
    let ping = |data: &str| format!(r#"{{"type":"ping","data":{data}}}"#);
    let join = |data: &str| format!(r#"{{"type":"join_session","data":{data}}}"#);
    let at = |rest: &str| join(&format!(r#"{{"session_id":"{id}","epoch":"e",{rest}}}"#));
    let named = |name: &str| format!(r#"{{"type":"ping","id":{name}}}"#);
    let start = |name: &str| {
        format!(
            r#"{{"type":"start_evaluation","data":{{"session_id":"{id}","client_request_id":{name}}}}}"#
        )
    };
    let mut cases: Vec<(String, &str)> = [
        "",
        " ",
        "\n\t \r",
        "null",
        "true",
        "5",
        "\"ping\"",
        "[]",
        r#"[{"type":"ping"}]"#,
        "{",
        "}",
        "{}",
        r#"{"type":"ping"} x"#,
        r#"{"type":"ping"}{"type":"ping"}"#,
        r#"{"type":"ping",}"#,
        r#"{'type':'ping'}"#,
        r#"{type:"ping"}"#,
        r#"{"type":"ping"/**/}"#,
        "\u{feff}{\"type\":\"ping\"}",
        r#"{"type":null}"#,
        r#"{"type":7}"#,
        r#"{"type":["ping"]}"#,
        r#"{"type":"ping","type":"ping"}"#,
        r#"{"type":"ping","id":"a","id":"b"}"#,
        r#"{"type":"ping","data":1,"data":2}"#,
        "{\"type\":\"ping\",\"id\":\"a\u{1}b\"}",
        "{\"type\":\"ping\",\"id\":\"a\0b\"}",
        "\0",
        "\u{1b}[31m",
        r#"{"type":"\ud800"}"#,
        r#"{"type":"ping","id":"\udc00\ud800"}"#,
        r#"{"type":"ping","id":"\x41"}"#,
    ]
    .map(|text| (text.to_owned(), "bad_request"))
    .into();
    for data in [
        "1e999",
        "-1e999",
        &digits,
        r#""\ud800""#,
        "NaN",
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        &deep,
        &closed,
    ] {
        cases.push((ping(data), "bad_request"));
    }
    cases.push((deep.clone(), "bad_request"));
    cases.push((closed.clone(), "bad_request"));
    cases.push((r#"{"a":"#.repeat(50_000), "bad_request"));
    for name in [
        "5",
        "true",
        "[]",
        "{}",
        &format!("\"{}\"", "x".repeat(65)),
        &format!("\"{}\"", "🗼".repeat(65)),
    ] {
        cases.push((named(name), "bad_request"));
    }
    for kind in [
        "dance",
        "PING",
        " ping",
        "ping\\u0000",
        "",
        "\\u202eping",
        &"x".repeat(100_000),
    ] {
        cases.push((format!(r#"{{"type":"{kind}"}}"#), "unknown_type"));
    }
    for data in [
        "null",
        "[]",
        "5",
        "\"x\"",
        "{}",
        r#"{"session_id":5}"#,
        r#"{"session_id":null}"#,
        &closed,
        r#"{"session_id":""}"#,
        r#"{"session_id":"\u0000"}"#,
        r#"{"session_id":"../../etc/passwd"}"#,
        r#"{"session_id":"' or 1=1 --"}"#,
        &format!(r#"{{"session_id":"{id}","session_id":"{id}"}}"#),
    ] {
        cases.push((join(data), "validation"));
    }
    for rest in [
        r#""last_seq":-1"#,
        r#""last_seq":1.5"#,
        r#""last_seq":"3""#,
        r#""last_seq":1e3"#,
        r#""last_seq":9223372036854775808"#,
        r#""last_seq":1e999"#,
        &format!(r#""last_seq":{digits}"#),
        r#""last_seq":[]"#,
        r#""last_seq":1,"last_seq":2"#,
    ] {
        cases.push((at(rest), "validation"));
    }
    for name in [
        r#""""#,
        "5",
        r#""\u0000""#,
        r#""a\u0000b""#,
        r#""\ud800""#,
        &format!("\"{}\"", "x".repeat(129)),
    ] {
        cases.push((start(name), "validation"));
    }
    cases.push((
        r#"{"type":"authenticate","data":{"token":5}}"#.to_owned(),
        "validation",
    ));
    cases.push((
        r#"{"type":"authenticate","data":{"token":"x\u0000y"}}"#.to_owned(),
        "unauthenticated",
    ));

    for (message, code) in &cases {
        let shown: String = message.chars().take(120).collect();
        socket.write(&text_frame(message)).await;
        let reply = socket.reply().await;
        assert_eq!(reply.kind(), "error", "{shown}: {}", reply.text);
        assert_eq!(
            reply.value["error"]["code"], *code,
            "{shown}: {}",
            reply.text
        );
        assert!(
            reply.text.len() < 1000,
            "{shown}: an echo of {} bytes",
            reply.text.len()
        );
        // One reply and no more, and the next command is obeyed as ever.
        socket.answers_a_ping().await;
    }
    println!("{} messages refused", cases.len());
    let leave = format!(r#"{{"type":"leave_session","data":{{"session_id":"{id}"}}}}"#);
    socket.write(&text_frame(&leave)).await;
    assert_eq!(
        socket.reply().await.value["error"]["code"],
        "not_joined",
        "none of them joined"
    );
    assert_eq!(
        nora.evaluation(&id).await["status"],
        "pending",
        "none of them started it"
    );
    socket.leave().await;
    server.finish().await;
}

async fn odd_but_whole_commands_are_obeyed(setup: Setup) {
    let setup = setup.limit("max_message_bytes", 1 << 20);
    let server = setup.limit("commands_per_second", 0).start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let mut socket = RawSocket::open(&nora, b"").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let digits = "9".repeat(300);
    // What is ignored may be anything, as long as it is JSON.
    for ignored in [
        &deep,
        "1e999",
        r#""\ud800""#,
        &digits.repeat(3),
        r#"{"type":"dance","type":5}"#,
    ] {
        let message = format!(r#"{{"more":{ignored},"type":"ping","more":{ignored},"id":"odd"}}"#);
        socket.write(&text_frame(&message)).await;
        let reply = socket.reply().await;
        assert_eq!(
            (reply.kind(), &reply.value["id"]),
            ("pong", &json!("odd")),
            "{}",
            reply.text
        );
    }
    // A ping's data comes back: of a name that is there twice, the last.
    let data = format!(r#"{{"a":1,"a":[2],"b":"\u0000🗼","c":{digits},"d":-0.0}}"#);
    let message = format!(r#" {{"type" : "ping", "id":null, "data":{data}}} "#);
    socket.write(&text_frame(&message)).await;
    let reply = socket.reply().await;
    assert_eq!(reply.data()["a"], json!([2]));
    assert_eq!(reply.data()["b"], "\0🗼");
    assert_eq!(reply.data()["c"].as_f64(), Some(1e300));
    assert_eq!(reply.value.get("id"), None);
    for name in [
        "x".repeat(64),
        "🗼".repeat(64),
        String::new(),
        "\\u0000\\n\\\"".to_owned(),
    ] {
        let message = format!(r#"{{"type":"ping","id":"{name}"}}"#);
        let expected: Value = serde_json::from_str(&message).unwrap();
        socket.write(&text_frame(&message)).await;
        assert_eq!(socket.reply().await.value["id"], expected["id"]);
    }
    // An epoch is a name: any that is not the log's own is another log.
    for epoch in ["\\u0000", "", "🗼", &"x".repeat(100_000)] {
        let data =
            format!(r#"{{"session_id":"{id}","epoch":"{epoch}","last_seq":9223372036854775807}}"#);
        let message = format!(r#"{{"type":"join_session","data":{data}}}"#);
        socket.write(&text_frame(&message)).await;
        let joined = socket.reply().await;
        assert_eq!(joined.data()["recovered"], false, "{}", joined.text);
        let leave = format!(r#"{{"type":"leave_session","data":{{"session_id":"{id}"}}}}"#);
        socket.write(&text_frame(&leave)).await;
        assert_eq!(socket.reply().await.kind(), "session_left");
    }
    socket.leave().await;
    server.finish().await;
}
