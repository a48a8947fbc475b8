//! Frames that nobody should send: each gets the right close code, and changes nothing for anybody
//! else.

use std::time::Instant;

use serde_json::json;

use crate::harness::{Heard, RawSocket, Setup, frame, handshake, header, text_frame};

on_every_database!(
    frames_that_break_the_rules_end_the_connection,
    a_declared_length_is_enough_to_be_too_big,
    fragments_of_nothing_much_add_up,
    control_frames_may_come_between_fragments,
    too_many_commands_over_the_rate_are_abuse,
    what_comes_with_the_handshake_is_answered,
    no_handshake_no_socket,
);

const FIN: u8 = 0x80;

async fn frames_that_break_the_rules_end_the_connection(setup: Setup) {
    let server = setup.limit("connections_per_user", 0).start().await;
    let nora = server.register("nora").await;
    let mut cases: Vec<(String, Vec<u8>, u16)> = Vec::new();
    let mut case = |name: &str, bytes: Vec<u8>, code| cases.push((name.to_owned(), bytes, code));

    case("a continuation of nothing", frame(0x00, b"x"), 4500);
    case("an end of nothing", frame(FIN, b"x"), 4500);
    let within = [frame(0x01, b"{"), text_frame("{}")].concat();
    case("a message within fragments", within, 4500);
    let within = [frame(0x01, b"{"), frame(0x01, b"{")].concat();
    case("fragments within fragments", within, 4500);
    let after_end = [frame(0x01, b"{"), frame(FIN, b"}"), frame(FIN, b"}")].concat();
    case("fragments that go on after their end", after_end, 4500);
    case("binary", frame(FIN | 0x02, b"x"), 1003);
    case("binary of nothing", frame(FIN | 0x02, b""), 1003);
    case("a binary fragment", frame(0x02, b"x"), 1003);
    for bit in [0x40, 0x20, 0x10] {
        case(
            &format!("reserved bit {bit:#x}"),
            frame(FIN | bit | 0x01, b"{}"),
            4500,
        );
    }
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        case(
            &format!("opcode {opcode:#x}"),
            frame(FIN | opcode, b"{}"),
            4500,
        );
    }
    case("no mask", [&[FIN | 0x01, 2][..], b"{}"].concat(), 4500);
    for (name, opcode) in [("close", 0x8), ("ping", 0x9), ("pong", 0xa)] {
        case(&format!("a {name} in fragments"), frame(opcode, b""), 4500);
        case(
            &format!("a {name} of 126 bytes"),
            frame(FIN | opcode, &[b'x'; 126]),
            4500,
        );
    }
    case("a close of one byte", frame(FIN | 0x8, &[3]), 4500);
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 2999, 5000, u16::MAX] {
        case(
            &format!("a close with {code}"),
            frame(FIN | 0x8, &code.to_be_bytes()),
            4500,
        );
    }
    case(
        "a close with a broken reason",
        frame(FIN | 0x8, b"\x03\xe8\xff"),
        4500,
    );
    for broken in [
        &b"\xff"[..],
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
        b"{\"\xe2\x82",
    ] {
        let name = format!("broken UTF-8 {broken:x?}");
        case(&name, frame(FIN | 0x01, broken), 4500);
        let (first, second) = broken.split_at(broken.len() / 2);
        case(
            &format!("{name} in fragments"),
            [frame(0x01, first), frame(FIN, second)].concat(),
            4500,
        );
    }
    case("a close without a word", frame(FIN | 0x8, b""), 1005);
    case("a close with 1000", frame(FIN | 0x8, b"\x03\xe8bye"), 1005);

    for (name, bytes, expected) in cases {
        let mut socket = RawSocket::open(&nora, b"").await;
        // Byte by byte or at once, a frame is the same frame.
        if name.len() % 2 == 0 {
            socket.write(&bytes).await;
        } else {
            for byte in bytes {
                socket.write(&[byte]).await;
            }
        }
        assert_eq!(socket.until_closed().await, Some(expected), "{name}");
    }
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    server.finish().await;
}

async fn a_declared_length_is_enough_to_be_too_big(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    for declared in [
        65_537,
        1 << 20,
        1 << 31,
        1 << 40,
        1 << 62,
        1 << 63,
        u64::MAX,
    ] {
        let began = Instant::now();
        let mut socket = RawSocket::open(&nora, b"").await;
        // What came before is answered; nothing of the rest is ever sent.
        socket
            .write(&text_frame(r#"{"type":"ping","id":"before"}"#))
            .await;
        socket.write(&header(FIN | 0x01, declared)).await;
        assert_eq!(socket.reply().await.value["id"], "before");
        assert_eq!(socket.until_closed().await, Some(1009), "{declared}");
        println!(
            "{declared} bytes declared: closed after {:?}",
            began.elapsed()
        );
    }
    // A megabyte that really comes is not kept either.
    let mut socket = RawSocket::open(&nora, b"").await;
    socket.write(&header(FIN | 0x01, 1 << 20)).await;
    socket.write(&vec![b'x'; 1 << 20]).await;
    assert!(matches!(socket.until_closed().await, Some(1009) | None));
    let mut socket = RawSocket::open(&nora, b"").await;
    socket.write(&header(0x01, 1 << 62)).await;
    assert_eq!(socket.until_closed().await, Some(1009), "a first fragment");
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    server.finish().await;
}

async fn fragments_of_nothing_much_add_up(setup: Setup) {
    let server = setup.limit("max_message_bytes", 4096).start().await;
    let nora = server.register("nora").await;
    let mut socket = RawSocket::open(&nora, b"").await;
    let mut bytes = frame(0x01, b"{");
    for _ in 0..16 {
        bytes.extend(frame(0x00, &[b' '; 256]));
    }
    socket.write(&bytes).await;
    assert_eq!(socket.until_closed().await, Some(1009));

    // Fragments without a byte are no message, and keep nobody from anything.
    let mut idle = RawSocket::open(&nora, b"").await;
    idle.write(&frame(0x01, b"")).await;
    idle.write(&frame(0x00, b"").repeat(900)).await;
    let mut other = RawSocket::open(&nora, b"").await;
    other.answers_a_ping().await;
    idle.write(&frame(0x00, br#"{"type":"ping","#)).await;
    idle.write(&frame(FIN, br#""id":"late"}"#)).await;
    assert_eq!(idle.reply().await.value["id"], "late");
    idle.leave().await;
    other.leave().await;
    server.finish().await;
}

async fn control_frames_may_come_between_fragments(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = RawSocket::open(&nora, b"").await;
    // A character of four bytes, cut within.
    let message = r#"{"type":"ping","id":"🗼","data":{"a":1}}"#.as_bytes();
    for (place, byte) in message.iter().enumerate() {
        let first = u8::from(place == 0);
        let last = if place + 1 == message.len() { FIN } else { 0 };
        socket.write(&frame(FIN | 0x9, &[*byte; 125])).await;
        socket.write(&frame(FIN | 0xa, b"nobody asked")).await;
        socket.write(&frame(first | last, &[*byte])).await;
    }
    for byte in message {
        match socket.hear().await {
            Heard::Pong(payload) => assert_eq!(payload, [*byte; 125]),
            other => panic!("no pong: {other:?}"),
        }
    }
    let pong = socket.reply().await;
    assert_eq!((pong.kind(), &pong.value["id"]), ("pong", &json!("🗼")));
    socket.write(&frame(FIN | 0x9, b"")).await;
    assert!(matches!(socket.hear().await, Heard::Pong(payload) if payload.is_empty()));
    socket.leave().await;
    server.finish().await;
}

async fn too_many_commands_over_the_rate_are_abuse(setup: Setup) {
    let setup = setup
        .limit("commands_per_second", 1)
        .limit("commands_burst", 5);
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let mut socket = RawSocket::open(&nora, b"").await;
    socket
        .write(&text_frame(r#"{"type":"ping"}"#).repeat(500))
        .await;
    let (mut pongs, mut refused) = (0, 0);
    let code = loop {
        match socket.hear().await {
            Heard::Text(frame) if frame.kind() == "pong" => pongs += 1,
            Heard::Text(frame) => {
                assert_eq!(
                    frame.value["error"]["code"], "rate_limited",
                    "{}",
                    frame.text
                );
                refused += 1;
            }
            Heard::Close(code) => break Some(code),
            Heard::Pong(_) | Heard::End => break None,
        }
    };
    assert_eq!(code, Some(4429));
    println!("{pongs} answered, {refused} refused, then closed");
    assert!(
        pongs >= 5 && refused >= 100,
        "{pongs} answered, {refused} refused"
    );
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    server.finish().await;
}

async fn what_comes_with_the_handshake_is_answered(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let id = nora.create_evaluation().await;
    let join = format!(r#"{{"type":"join_session","id":"j","data":{{"session_id":"{id}"}}}}"#);
    let whole = [text_frame(r#"{"type":"ping","id":"p"}"#), text_frame(&join)].concat();
    // All of it at once, then with the last frame cut in two.
    for cut in [whole.len(), whole.len() - 20] {
        let (first, rest) = whole.split_at(cut);
        let mut socket = RawSocket::open(&nora, first).await;
        socket.write(rest).await;
        let (pong, joined) = (socket.reply().await, socket.reply().await);
        assert_eq!((pong.kind(), &pong.value["id"]), ("pong", &json!("p")));
        assert_eq!(
            (joined.kind(), &joined.value["id"]),
            ("session_joined", &json!("j"))
        );
        socket.leave().await;
    }
    server.finish().await;
}

async fn no_handshake_no_socket(setup: Setup) {
    let server = setup.start().await;
    let nora = server.register("nora").await;
    let good = handshake(&nora);
    let cases = [
        (
            good.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
            "400",
        ),
        (good.replace("Version: 13", "Version: 12"), "426"),
        (good.replace("Sec-WebSocket-Version: 13\r\n", ""), "400"),
        (good.replace("Connection: Upgrade\r\n", ""), "400"),
        (good.replace("Upgrade: websocket\r\n", ""), "426"),
        (good.replace("GET /ws", "GET /ws?token=x"), "400"),
        (good.replace("GET ", "BREW "), "4"),
        ("\0\0\0\0\r\n\r\n".to_owned(), "400"),
        (
            format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(200_000)),
            "4",
        ),
    ];
    for (request, status) in cases {
        let mut socket = RawSocket::connect(&nora).await;
        socket.write(request.as_bytes()).await;
        let head = socket.head().await;
        let shown: String = request.chars().take(60).collect();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{shown}: {head}"
        );
    }
    RawSocket::open(&nora, b"").await.answers_a_ping().await;
    server.finish().await;
}
