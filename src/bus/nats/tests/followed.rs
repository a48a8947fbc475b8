use super::*;
use crate::store::new_id;

#[test]
fn of_what_is_followed_only_the_difference_is_kept() {
    let mut followed = Followed::default();
    let (one, other): (SessionId, SessionId) = (new_id(), new_id());
    for _ in 0..3 {
        followed.set(one, true);
        followed.set(one, false);
    }
    assert!(followed.changed.is_empty());
    followed.set(one, true);
    followed.set(other, true);
    let mut told = followed.take();
    told.sort_unstable();
    let mut both = vec![(one, true), (other, true)];
    both.sort_unstable();
    assert_eq!(told, both);
    followed.set(one, false);
    followed.set(one, true);
    followed.set(other, false);
    assert_eq!(followed.take(), [(other, false)]);
    assert!(followed.take().is_empty());
}
