use super::*;

#[test]
fn a_stop_ends_the_work_at_its_next_checkpoint_and_nothing_else() {
    let stop = Stop::default();
    let mut steps = 0;
    let outcome = stoppable(&stop, || {
        loop {
            checkpoint();
            steps += 1;
            if steps == 3 {
                stop.raise();
            }
        }
    });
    let outcome: Result<(), Stopped> = outcome;
    assert_eq!((outcome, steps), (Err(Stopped), 3));
    checkpoint();
    assert_eq!(stoppable(&Stop::default(), || 5), Ok(5));
    assert_eq!(stoppable(&stop, || panic!("it is not begun")), Err(Stopped));
}

#[test]
fn a_child_is_raised_with_its_parent_and_alone() {
    let run = Stop::default();
    let (one, other) = (run.child(), run.child());
    drop(one.on_drop());
    assert!(one.is_raised() && !other.is_raised() && !run.is_raised());
    let grandchild = other.child();
    run.raise();
    assert!(other.is_raised() && grandchild.is_raised());
}

#[test]
fn a_panic_stays_a_panic() {
    let panics = || stoppable(&Stop::default(), || panic!("on purpose"));
    let payload = catch_unwind(panics).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
    // What was current before is current again.
    checkpoint();
}
