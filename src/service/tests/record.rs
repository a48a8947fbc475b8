use super::*;
use crate::store::security::Wanted;
use crate::store::testing;

#[tokio::test]
async fn what_the_queue_cannot_take_is_counted() {
    let store = testing::sqlite();
    let recorder = Recorder::start((*store).clone());
    let many = 3 * QUEUE;
    for _ in 0..many {
        recorder.enqueue(event(Kind::LoginFailed, None, None));
    }
    recorder
        .enqueue_surely(event(Kind::KeysReloaded, None, None))
        .await;
    recorder.flush().await;
    // The number is written with the next entries.
    recorder.flush().await;
    let all = Wanted {
        limit: 10_000,
        ..Wanted::default()
    };
    let found = store
        .read(move |db| security::list(db, &all))
        .await
        .unwrap();
    let dropped: usize = found
        .iter()
        .filter(|event| event.kind == Kind::EntriesDropped)
        .map(|event| {
            let detail = event.detail.as_deref().unwrap();
            let number = detail.strip_suffix(" entries").unwrap();
            number.parse::<usize>().unwrap()
        })
        .sum();
    let kept = found
        .iter()
        .filter(|event| event.kind == Kind::LoginFailed)
        .count();
    let reloads = found
        .iter()
        .filter(|event| event.kind == Kind::KeysReloaded);
    assert_eq!(
        reloads.count(),
        1,
        "it stands in the line, and is not dropped"
    );
    assert!(dropped >= QUEUE, "{dropped}");
    assert_eq!(kept + dropped, many);
}

#[tokio::test]
async fn an_address_is_told_of_once_a_minute_for_each_kind() {
    let store = testing::sqlite();
    let recorder = Recorder::start((*store).clone());
    let address = IpAddr::from([192, 0, 2, 7]);
    let long = "x".repeat(1000);
    for _ in 0..5 {
        recorder.refused(Kind::OriginRefused, None, address, Some(&long));
        recorder.refused(Kind::TokenRefused, None, address, None);
    }
    recorder.flush().await;
    let all = Wanted {
        limit: 100,
        ..Wanted::default()
    };
    let found = store
        .read(move |db| security::list(db, &all))
        .await
        .unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].detail.as_ref().unwrap().len(), MAX_DETAIL_CHARS);
}
