use super::*;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn users() -> [Whose; 3] {
    [1, 2, 3].map(|number| Some(UserId::new(uuid::Uuid::from_u128(number))))
}

/// Whether a future is ready now.
fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn one_user_leaves_a_place_and_the_rest_take_turns() {
    let semaphore = FairSemaphore::new(3, 2);
    let [ada, bob, eve] = users();
    let mut of_ada: Vec<_> = (0..6).map(|_| Box::pin(semaphore.acquire(ada))).collect();
    let mut got: Vec<FairPermit> = Vec::new();
    for asked in &mut of_ada {
        if let Poll::Ready(permit) = poll(asked.as_mut()) {
            got.push(permit);
        }
    }
    assert_eq!((got.len(), semaphore.free()), (2, 1));
    // The permit that is left is for whoever comes, at once.
    let Poll::Ready(of_bob) = poll(pin!(semaphore.acquire(bob))) else {
        panic!("bob waits behind ada");
    };
    let mut of_eve = Box::pin(semaphore.acquire(eve));
    assert!(poll(of_eve.as_mut()).is_pending(), "all are taken");
    // Ada asked first and has more waiting; Eve has none yet.
    got.pop();
    assert!(poll(of_ada[2].as_mut()).is_pending());
    let Poll::Ready(of_eve) = poll(of_eve.as_mut()) else {
        panic!("eve waits behind ada");
    };
    drop(of_bob);
    let Poll::Ready(again) = poll(of_ada[2].as_mut()) else {
        panic!("a free permit is not used");
    };
    drop((of_eve, again));
    assert_eq!(
        semaphore.free(),
        1,
        "ada has two again, since she waits for more"
    );
}

#[test]
fn who_has_gone_holds_nobody_up_and_leaves_nothing_behind() {
    let semaphore = FairSemaphore::new(1, 1);
    let [ada, bob, _] = users();
    let Poll::Ready(first) = poll(pin!(semaphore.acquire(ada))) else {
        panic!("it is free");
    };
    let mut of_ada = Box::pin(semaphore.acquire(ada));
    assert!(poll(of_ada.as_mut()).is_pending());
    let mut of_bob = Box::pin(semaphore.acquire(bob));
    assert!(poll(of_bob.as_mut()).is_pending());
    drop(of_ada);
    drop(first);
    let Poll::Ready(permit) = poll(of_bob.as_mut()) else {
        panic!("it waits for somebody who has gone");
    };
    drop(permit);
    let state = semaphore.state();
    assert_eq!((state.free, state.users.len(), state.next.len()), (1, 0, 0));
}

#[test]
fn a_crowd_of_one_user_is_served_in_turns_with_another() {
    let semaphore = FairSemaphore::new(1, 1);
    let [ada, bob, _] = users();
    let mut asked: Vec<_> = (0..100)
        .map(|_| (ada, Box::pin(semaphore.acquire(ada))))
        .collect();
    asked.extend((0..3).map(|_| (bob, Box::pin(semaphore.acquire(bob)))));
    let mut order = Vec::new();
    while !asked.is_empty() {
        let ready = asked.iter_mut().enumerate();
        let ready = ready.filter_map(|(at, (_, asked))| match poll(asked.as_mut()) {
            Poll::Ready(permit) => Some((at, permit)),
            Poll::Pending => None,
        });
        let all: Vec<(usize, FairPermit)> = ready.collect();
        // Dropping a permit hands it to the next one, which is seen in the next round.
        let [(at, permit)] = <[(usize, FairPermit); 1]>::try_from(all).unwrap();
        order.push(asked.remove(at).0);
        drop(permit);
    }
    let last_of_bob = order.iter().rposition(|whose| *whose == bob).unwrap();
    assert!(last_of_bob <= 6, "bob's third came as number {last_of_bob}");
    assert_eq!(order.len(), 103);
}
