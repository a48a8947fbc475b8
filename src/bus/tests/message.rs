use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::domain::ids::SessionId;
use crate::store::new_id;

fn stored(events: Option<Events>) -> Signal {
    Signal::Stored {
        session: new_id(),
        last_seq: 9,
        events,
    }
}

fn events(first: i64, texts: &[String]) -> Events {
    Events {
        epoch: new_id::<crate::domain::ids::Session>().to_string(),
        frames: (first..)
            .zip(texts)
            .map(|(seq, text)| (seq, ByteString::from(text.as_str())))
            .collect(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(first in 1_i64..i64::MAX / 2, texts in vec("[^\n]{0,60}", 1..20)) {
        let told = stored(Some(events(first, &texts)));
        prop_assert_eq!(read(write(&told, "one"), "other"), Message::Told(told.clone()));
        prop_assert_eq!(read(write(&told, "one"), "one"), Message::Own);
    }

    #[test]
    fn whatever_comes_is_read_without_harm(bytes in vec(any::<u8>(), 0..200)) {
        read(Bytes::from(bytes), "own");
    }

    #[test]
    fn whatever_follows_a_good_beginning_is_read_without_harm(rest in "(\nevents [a-z0-9]{0,3} -?[0-9]{0,20})?(\n[ -~]{0,20}){0,4}") {
        let session: SessionId = new_id();
        let text = format!("1 one\nstored {session} 7{rest}");
        match read(Bytes::from(text), "own") {
            Message::Told(Signal::Stored { session: read, last_seq: 7, events }) => {
                prop_assert_eq!(read, session);
                prop_assert!(events.is_none_or(|events| !events.frames.is_empty()));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn what_can_not_be_carried_is_left_out_and_the_rest_is_told() {
    let texts = ["one".to_owned(), "two".to_owned()];
    let mut gap = events(4, &texts);
    gap.frames[1].0 = 6;
    let mut broken = events(4, &texts);
    broken.frames[0].1 = "a line\nand another".into();
    let mut unnamed = events(4, &texts);
    unnamed.epoch.clear();
    let large = events(4, &["x".repeat(LARGEST + 1)]);
    for left_out in [gap, broken, unnamed, large] {
        let told = stored(Some(left_out));
        let read = read(write(&told, "one"), "other");
        assert_eq!(read, Message::Told(told.without_events()));
    }
}

#[test]
fn what_another_release_says_is_not_understood() {
    for text in [
        "2 one\ndue",
        "1one\ndue",
        "1 one\nweather fine",
        "1 one",
        "",
    ] {
        assert_eq!(read(Bytes::from(text), "other"), Message::Unknown, "{text}");
    }
}
