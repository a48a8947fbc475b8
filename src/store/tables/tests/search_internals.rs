use super::*;

#[test]
fn work_ends_with_its_bytes_and_with_whoever_waits() {
    let stop = Stop::default();
    let guard = stop.on_drop();
    let mut work = Work::new(10, stop);
    assert_eq!(work.take(9), Ok(true));
    assert_eq!(work.take(1), Ok(false));
    drop(guard);
    assert!(work.take(0).is_err());
}
