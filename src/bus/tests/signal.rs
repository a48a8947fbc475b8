use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::ids::Id;
use crate::telemetry::metrics::Metrics;

fn id<K>() -> impl Strategy<Value = Id<K>> {
    any::<u128>().prop_map(|value| Id::new(Uuid::from_u128(value)))
}

fn signal() -> impl Strategy<Value = Signal> {
    let reason = prop_oneof![
        Just(CancelReason::User),
        Just(CancelReason::Deadline),
        Just(CancelReason::Deleted)
    ];
    prop_oneof![
        (id(), any::<i64>()).prop_map(|(session, last_seq)| Signal::Stored {
            session,
            last_seq,
            events: None
        }),
        Just(Signal::Due),
        (id(), id(), reason).prop_map(|(session, user, reason)| Signal::Stop {
            session,
            user,
            reason
        }),
        id().prop_map(|session| Signal::Gone { session }),
        id().prop_map(|family| Signal::Revoked {
            credential: Credential::Login(family)
        }),
        id().prop_map(|key| Signal::Revoked {
            credential: Credential::Key(key)
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(signals in vec(signal(), 0..300), longest in 200_usize..8000) {
        let written = texts(signals.clone(), longest);
        let mut seen = Vec::new();
        for text in &written {
            prop_assert!(text.len() <= longest);
            let (read, understood) = read(text);
            prop_assert_eq!(understood, Ok(()));
            seen.extend(read);
        }
        prop_assert_eq!(seen, signals);
    }

    #[test]
    fn whatever_comes_is_read_without_harm(text in "(1\n)?[ -~\n]{0,200}") {
        let (signals, _) = read(&text);
        prop_assert!(signals.len() <= text.lines().count());
    }
}

#[test]
fn what_another_release_says_is_missed_and_the_rest_is_heard() {
    assert_eq!(read("2\ndue"), (Vec::new(), Err(())));
    assert_eq!(read("1\ndue\nweather fine"), (vec![Signal::Due], Err(())));
    assert_eq!(read("1\nstored x 1"), (Vec::new(), Err(())));
}

#[test]
fn each_signal_has_a_label() {
    let metrics = Metrics::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&signal(), |signal| {
            prop_assert!(metrics.bus_told.of(signal.name()).is_some());
            prop_assert!(metrics.bus_heard.of(signal.name()).is_some());
            Ok(())
        })
        .unwrap();
}
