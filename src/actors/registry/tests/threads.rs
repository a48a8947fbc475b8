use std::collections::HashSet;
use std::sync::mpsc;
use std::time::Duration;

use futures_util::future::poll_immediate;

use super::*;
use crate::store::new_id;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

#[actix::test]
async fn a_session_has_one_thread_and_sessions_have_all() {
    let threads = RoomThreads::start(3).unwrap();
    let id_of = |session| {
        let (told, id) = mpsc::channel();
        threads.of(session).spawn_fn(move || {
            told.send(std::thread::current().id()).unwrap();
        });
        id.recv_timeout(PATIENCE).unwrap()
    };
    let sessions: Vec<SessionId> = (0..200).map(|_| new_id()).collect();
    let first: Vec<_> = sessions.iter().map(|id| id_of(*id)).collect();
    let again: Vec<_> = sessions.iter().map(|id| id_of(*id)).collect();
    assert_eq!(first, again);
    let used: HashSet<_> = first.into_iter().collect();
    assert_eq!(used.len(), 3);
    assert!(!used.contains(&std::thread::current().id()));
    threads.stop().await;
}

#[actix::test]
async fn a_proof_takes_all_threads_and_a_stop_ends_what_lives_on_them() {
    struct TellsItsEnd(Option<oneshot::Sender<()>>);
    impl Drop for TellsItsEnd {
        fn drop(&mut self) {
            let _ = self.0.take().unwrap().send(());
        }
    }

    let threads = RoomThreads::start(2).unwrap();
    let proof = || tokio::time::timeout(PATIENCE, threads.clone().prove());
    assert_eq!(proof().await.unwrap(), Ok(()));
    let (go_on, hangs) = mpsc::channel::<()>();
    threads.0[1].spawn_fn(move || {
        // Until the other end is dropped.
        let _ = hangs.recv();
    });
    let mut waiting = Box::pin(threads.clone().prove());
    assert!(poll_immediate(&mut waiting).await.is_none());
    let (here, answer) = oneshot::channel();
    threads.0[0].spawn_fn(move || here.send(()).unwrap());
    let answered = tokio::time::timeout(PATIENCE, answer).await;
    answered.expect("the other one hangs too").unwrap();
    assert!(poll_immediate(&mut waiting).await.is_none(), "it hangs");
    drop(go_on);
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert_eq!(waited.unwrap(), Ok(()), "it goes on");

    let (told, end) = oneshot::channel();
    // Made here: the thread may end before the future is looked at.
    let lives = TellsItsEnd(Some(told));
    threads.0[0].spawn(async move {
        let _lives = lives;
        std::future::pending().await
    });
    let stopped = tokio::time::timeout(PATIENCE, threads.stop()).await;
    stopped.expect("they do not end");
    let ended = tokio::time::timeout(PATIENCE, end).await;
    ended.expect("it outlived its thread").unwrap();
    assert_eq!(proof().await.unwrap(), Err(Unavailable));
}
