use futures_util::FutureExt;

use super::*;

fn turns(permits: usize, of_a_user: usize, held: usize) -> Turns {
    Turns::new(&FairSemaphore::new(permits, 1), Bounds { of_a_user, held })
}

fn users() -> [UserId; 3] {
    [1, 2, 3].map(|number| UserId::new(uuid::Uuid::from_u128(number)))
}

fn is_unused(turns: &Turns) -> bool {
    let in_progress = turns.in_progress();
    in_progress.users.is_empty() && in_progress.held == 0
}

#[tokio::test]
async fn two_kinds_of_work_share_their_places() {
    let permits = FairSemaphore::new(1, 1);
    let bounds = Bounds {
        of_a_user: 2,
        held: 100,
    };
    let [one, other] = [(); 2].map(|()| Turns::new(&permits, bounds));
    let [nora, otto, _] = users();
    let first = one.take(nora, 100).await.unwrap();
    let mut second = Box::pin(other.take(otto, 100));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    assert!(second.now_or_never().unwrap().is_ok());
    assert_eq!(permits.free(), 1);
}

#[tokio::test]
async fn one_users_work_never_holds_all_places() {
    let turns = turns(2, 3, 100);
    let [nora, otto, _] = users();
    let first = turns.take(nora, 10).await.unwrap();
    let mut second = Box::pin(turns.take(nora, 10));
    let mut third = Box::pin(turns.take(nora, 10));
    assert!(second.as_mut().now_or_never().is_none());
    assert!(third.as_mut().now_or_never().is_none());
    assert_eq!(turns.take(nora, 10).await.unwrap_err(), Full::OfUser);
    let others = turns.take(otto, 10).now_or_never().unwrap().unwrap();
    // Both permits are taken; what ends lets the next of its user in.
    drop(first);
    let second = second.await.unwrap();
    drop((second, others));
    drop(third.await.unwrap());
    assert!(is_unused(&turns));
}

#[tokio::test]
async fn what_waits_holds_a_bounded_amount() {
    let turns = turns(1, 9, 100);
    let [nora, otto, ada] = users();
    let held = turns.take(nora, 60).await.unwrap();
    assert_eq!(turns.take(otto, 60).await.unwrap_err(), Full::OfAll);
    assert_eq!(turns.take(otto, usize::MAX).await.unwrap_err(), Full::OfAll);
    drop(held);
    assert!(turns.take(ada, 100).await.is_ok());
    assert!(is_unused(&turns), "what was refused counts for nothing");
}

#[tokio::test]
async fn who_goes_away_while_waiting_leaves_nothing() {
    let turns = turns(1, 2, 100);
    let [user, ..] = users();
    let held = turns.take(user, 1).await.unwrap();
    let mut waiting = Box::pin(turns.take(user, 1));
    assert!(waiting.as_mut().now_or_never().is_none());
    drop((waiting, held));
    assert!(is_unused(&turns));
    assert!(turns.take(user, 100).now_or_never().unwrap().is_ok());
}

#[tokio::test]
async fn what_is_made_leaves_its_place_and_counts_for_its_user() {
    let turns = turns(1, 1, 100);
    let [nora, otto, _] = users();
    let made = turns.take(nora, 100).await.unwrap().made();
    assert_eq!(turns.take(nora, 1).await.unwrap_err(), Full::OfUser);
    drop(turns.take(otto, 100).now_or_never().unwrap().unwrap());
    drop(made);
    assert!(is_unused(&turns));
}
