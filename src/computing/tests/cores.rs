use super::super::checkpoint;
use super::*;

use std::time::Duration;

/// No wait of a test is longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn user(number: u128) -> UserId {
    UserId::new(uuid::Uuid::from_u128(number))
}

/// Never ends by itself.
fn endless() {
    loop {
        checkpoint();
        std::thread::yield_now();
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("it did not come in time")
}

async fn until_free(cores: &Cores, places: usize) {
    let free = async {
        while cores.free() != places {
            tokio::task::yield_now().await;
        }
    };
    soon(free).await;
}

#[tokio::test]
async fn the_worst_of_one_user_leaves_a_place_for_another() {
    let cores = Cores::new(2);
    let ada = Task::of(user(1));
    let hogs: Vec<_> = (0..20)
        .map(|_| {
            let (cores, task) = (cores.clone(), ada.clone());
            tokio::spawn(async move { cores.compute(&task, endless).await })
        })
        .collect();
    until_free(&cores, 1).await;
    let bob = Task::of(user(2));
    assert_eq!(soon(cores.compute(&bob, || 7)).await, Ok(7));
    ada.stop.raise();
    for hog in hogs {
        assert_eq!(soon(hog).await.unwrap(), Err(Unfinished::Stopped));
    }
    assert_eq!(cores.free(), 3);
}

#[tokio::test]
async fn dropping_the_future_stops_that_computation_alone() {
    let cores = Cores::new(2);
    let task = Task::of(user(1));
    let (one, two) = (cores.clone(), cores.clone());
    let (of_one, of_two) = (task.clone(), task.clone());
    let dropped = tokio::spawn(async move { one.compute(&of_one, endless).await });
    let other = tokio::spawn(async move { two.compute(&of_two, endless).await });
    until_free(&cores, 1).await;
    dropped.abort();
    until_free(&cores, 2).await;
    assert!(!other.is_finished());
    task.stop.raise();
    assert_eq!(soon(other).await.unwrap(), Err(Unfinished::Stopped));
}

#[tokio::test]
async fn what_is_about_an_evaluation_ends_with_it() {
    let cores = Cores::new(1);
    let [session, other] = [1, 2].map(|number| SessionId::new(uuid::Uuid::from_u128(number)));
    let about = cores.about(user(1), session);
    let (shared, task) = (cores.clone(), about.task.clone());
    let computing = tokio::spawn(async move { shared.compute(&task, endless).await });
    until_free(&cores, 1).await;
    cores.stop(other);
    assert!(!computing.is_finished());
    cores.stop(session);
    assert_eq!(soon(computing).await.unwrap(), Err(Unfinished::Stopped));
    drop(about);
    assert!(cores.sessions().is_empty());
}

#[tokio::test]
async fn a_panic_ends_one_computation() {
    let cores = Cores::new(1);
    let task = Task::default();
    let broke = cores.compute(&task, || panic!("on purpose"));
    let broke: Result<(), Unfinished> = soon(broke).await;
    assert_eq!(broke, Err(Unfinished::Broke));
    assert_eq!(soon(cores.compute(&task, || 1)).await, Ok(1));
}
