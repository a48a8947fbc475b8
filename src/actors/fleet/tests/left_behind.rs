use super::*;
use crate::store::new_id;

fn owned(fence: i64) -> Owned {
    Owned {
        session: new_id(),
        user: new_id(),
        fence,
    }
}

#[test]
fn a_run_without_an_actor_is_taken_up_three_times_and_then_given_up() {
    let (idle, busy) = (owned(1), owned(2));
    let worked_on = WorkedOn::default();
    let _at_work = worked_on.enter(busy.session, busy.fence);
    let mut left_behind = LeftBehind::default();
    let mut look = || left_behind.look(&[idle, busy], &worked_on);
    assert_eq!(look(), Remedies::default(), "it may be about to begin");
    for _ in 0..3 {
        let remedies = look();
        assert_eq!((remedies.take_up, remedies.give_up), (vec![idle], vec![]));
    }
    let remedies = look();
    assert_eq!((remedies.take_up, remedies.give_up), (vec![], vec![idle]));
}

#[test]
fn a_run_counts_as_worked_on_while_one_actor_of_that_owner_is_there() {
    let run = owned(3);
    let worked_on = WorkedOn::default();
    let lost = worked_on.enter(run.session, run.fence);
    let again = worked_on.enter(run.session, run.fence);
    let key = (run.session, run.fence);
    drop(lost);
    assert!(worked_on.has(&key));
    assert!(!worked_on.has(&(run.session, 4)), "another owner's");
    drop(again);
    assert!(!worked_on.has(&key));
}

#[test]
fn what_is_lost_again_and_again_is_given_up_however_long_it_works_in_between() {
    let run = owned(1);
    let worked_on = WorkedOn::default();
    let mut left_behind = LeftBehind::default();
    for _ in 0..LOOKS {
        let remedies = left_behind.look(&[run], &worked_on);
        assert_eq!(remedies.give_up, []);
        let _at_work = worked_on.enter(run.session, run.fence);
        assert_eq!(left_behind.look(&[run], &worked_on), Remedies::default());
    }
    assert_eq!(left_behind.look(&[run], &worked_on).give_up, [run]);
    // Once it is another's, it may come back.
    left_behind.look(&[], &worked_on);
    assert_eq!(left_behind.look(&[run], &worked_on), Remedies::default());
}
