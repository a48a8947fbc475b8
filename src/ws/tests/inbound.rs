use super::*;

/// Without a limit of small frames.
fn unlimited(limit: usize) -> Assembler {
    Assembler::new(limit, Limit::new(0, 0), None)
}

#[test]
fn frames_that_carry_next_to_nothing_are_counted_and_others_are_not() {
    const BURST: u32 = 10;
    let long = Bytes::from(vec![b'x'; SMALL_FRAGMENT_BYTES]);
    let floods: [fn() -> Message; 5] = [
        || Message::Ping(Bytes::new()),
        || Message::Pong(Bytes::new()),
        || Message::Pong("x".into()),
        || Message::Continuation(Item::FirstText(Bytes::new())),
        || Message::Continuation(Item::Continue("x".into())),
    ];
    for flood in floods {
        let metrics = crate::telemetry::metrics::Metrics::new().unwrap();
        let refused = metrics.rate_limited.of("frames").unwrap().clone();
        let mut assembler = Assembler::new(1 << 20, Limit::new(1, BURST), Some(refused.clone()));
        // A message that is under way, in fragments worth their header.
        let first = Item::FirstText(long.clone());
        assert_eq!(assembler.take(part(first)), Ok(Inbound::Nothing));
        for _ in 0..1000 {
            let next = Item::Continue(long.clone());
            assert_eq!(assembler.take(part(next)), Ok(Inbound::Nothing));
            let whole = Ok(Message::Text("{}".into()));
            assert_eq!(assembler.take(whole), Ok(Inbound::Text("{}".into())));
        }
        let taken = (0..1000).take_while(|_| assembler.take(Ok(flood())).is_ok());
        let taken = taken.count();
        // One a second comes back.
        assert!((10..13).contains(&taken), "{taken} of {:?}", flood());
        assert_eq!(refused.get(), 1);
        assert_eq!(assembler.take(Ok(flood())), Err(CloseReason::RateAbuse));
    }
}

fn part(item: Item) -> Result<Message, ProtocolError> {
    Ok(Message::Continuation(item))
}

#[test]
fn fragments_become_one_message() {
    let mut assembler = unlimited(10);
    assert_eq!(
        assembler.take(part(Item::FirstText("ab".into()))),
        Ok(Inbound::Nothing)
    );
    assert_eq!(
        assembler.take(Ok(Message::Ping("x".into()))),
        Ok(Inbound::Ping("x".into()))
    );
    assert_eq!(
        assembler.take(part(Item::Continue("cd".into()))),
        Ok(Inbound::Nothing)
    );
    assert_eq!(
        assembler.take(part(Item::Last("e".into()))),
        Ok(Inbound::Text("abcde".into()))
    );
    assert_eq!(
        assembler.take(part(Item::Last("e".into()))),
        Err(CloseReason::ProtocolViolation),
        "nothing was begun"
    );
}

#[test]
fn what_must_close_the_connection_does() {
    let cases = [
        (Ok(Message::Binary("x".into())), CloseReason::Unsupported),
        (
            part(Item::FirstBinary("x".into())),
            CloseReason::Unsupported,
        ),
        (Err(ProtocolError::Overflow), CloseReason::TooBig),
        (
            Err(ProtocolError::BadOpCode),
            CloseReason::ProtocolViolation,
        ),
    ];
    for (frame, expected) in cases {
        assert_eq!(unlimited(10).take(frame), Err(expected));
    }
    let mut assembler = unlimited(10);
    assembler
        .take(part(Item::FirstText("123456".into())))
        .unwrap();
    assert_eq!(
        assembler.take(part(Item::Continue("78901".into()))),
        Err(CloseReason::TooBig)
    );
    let mut assembler = unlimited(10);
    assembler
        .take(part(Item::FirstText(Bytes::from_static(b"\xff"))))
        .unwrap();
    assert_eq!(
        assembler.take(part(Item::Last("".into()))),
        Err(CloseReason::ProtocolViolation),
        "not UTF-8"
    );
}
