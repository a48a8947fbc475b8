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
    let places = Places::new(3, 2);
    let [ada, bob, eve] = users();
    let mut of_ada: Vec<_> = (0..6).map(|_| Box::pin(places.enter(ada))).collect();
    let mut got: Vec<Place> = Vec::new();
    for asked in &mut of_ada {
        if let Poll::Ready(place) = poll(asked.as_mut()) {
            got.push(place);
        }
    }
    assert_eq!((got.len(), places.free()), (2, 1));
    // The place that is left is for whoever comes, at once.
    let Poll::Ready(of_bob) = poll(pin!(places.enter(bob))) else {
        panic!("bob waits behind ada");
    };
    let mut of_eve = Box::pin(places.enter(eve));
    assert!(poll(of_eve.as_mut()).is_pending(), "all are taken");
    // Ada asked first and has more waiting; Eve has none yet.
    got.pop();
    assert!(poll(of_ada[2].as_mut()).is_pending());
    let Poll::Ready(of_eve) = poll(of_eve.as_mut()) else {
        panic!("eve waits behind ada");
    };
    drop(of_bob);
    let Poll::Ready(again) = poll(of_ada[2].as_mut()) else {
        panic!("a free place is not used");
    };
    drop((of_eve, again));
    assert_eq!(
        places.free(),
        1,
        "ada has two again, since she waits for more"
    );
}

#[test]
fn who_has_gone_holds_nobody_up_and_leaves_nothing_behind() {
    let places = Places::new(1, 1);
    let [ada, bob, _] = users();
    let Poll::Ready(first) = poll(pin!(places.enter(ada))) else {
        panic!("it is free");
    };
    let mut of_ada = Box::pin(places.enter(ada));
    assert!(poll(of_ada.as_mut()).is_pending());
    let mut of_bob = Box::pin(places.enter(bob));
    assert!(poll(of_bob.as_mut()).is_pending());
    drop(of_ada);
    drop(first);
    let Poll::Ready(place) = poll(of_bob.as_mut()) else {
        panic!("it waits for somebody who has gone");
    };
    drop(place);
    let state = places.state();
    assert_eq!((state.free, state.users.len(), state.next.len()), (1, 0, 0));
}

#[test]
fn a_crowd_of_one_user_is_served_in_turns_with_another() {
    let places = Places::new(1, 1);
    let [ada, bob, _] = users();
    let mut asked: Vec<_> = (0..100)
        .map(|_| (ada, Box::pin(places.enter(ada))))
        .collect();
    asked.extend((0..3).map(|_| (bob, Box::pin(places.enter(bob)))));
    let mut order = Vec::new();
    while !asked.is_empty() {
        let ready = asked.iter_mut().enumerate();
        let ready = ready.filter_map(|(at, (_, asked))| match poll(asked.as_mut()) {
            Poll::Ready(place) => Some((at, place)),
            Poll::Pending => None,
        });
        let all: Vec<(usize, Place)> = ready.collect();
        // Dropping a place hands it to the next one, which is seen in the next round.
        let [(at, place)] = <[(usize, Place); 1]>::try_from(all).unwrap();
        order.push(asked.remove(at).0);
        drop(place);
    }
    let last_of_bob = order.iter().rposition(|whose| *whose == bob).unwrap();
    assert!(last_of_bob <= 6, "bob's third came as number {last_of_bob}");
    assert_eq!(order.len(), 103);
}
