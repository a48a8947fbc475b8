use super::*;

const LARGE: usize = 1 << 20;

fn bodies(by_address: usize, in_all: usize) -> Bodies {
    let limits = Limits {
        body_bytes_per_address: by_address,
        body_bytes: in_all,
        ..Limits::default()
    };
    Bodies::new(&limits, &Metrics::new().unwrap())
}

fn address(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn code(result: Result<(), Refusal>) -> Option<ErrorCode> {
    result.err().map(|refusal| {
        assert_eq!(refusal.retry_after, Some(RETRY_AFTER));
        refusal.code
    })
}

#[test]
fn an_address_and_all_together_hold_so_many_bytes_until_they_are_given_back() {
    let bodies = bodies(100, 250);
    let mut first = bodies.begin(address(1), LARGE);
    let mut second = bodies.begin(address(1), LARGE);
    assert_eq!(code(first.add(60)), None);
    assert_eq!(code(second.add(40)), None);
    assert_eq!(code(second.add(1)), Some(ErrorCode::RateLimited));
    let mut other = bodies.begin(address(2), LARGE);
    assert_eq!(code(other.add(100)), None);
    let mut third = bodies.begin(address(3), LARGE);
    assert_eq!(code(third.add(51)), Some(ErrorCode::Overloaded));
    assert_eq!(code(third.add(50)), None);
    drop(first);
    assert_eq!(code(second.add(60)), None);
    drop((second, other, third));
    let held = bodies.others.held();
    assert_eq!((held.in_all, held.by_address.len()), (0, 0));
}

#[test]
fn who_sends_much_leaves_room_for_those_who_send_little() {
    let bodies = bodies(0, 4 * LARGE);
    let mut much = bodies.begin(address(1), 4 * LARGE);
    assert_eq!(code(much.add(3 * LARGE)), None);
    assert_eq!(code(much.add(1)), Some(ErrorCode::Overloaded));
    let mut little = bodies.begin(address(2), LARGE);
    assert_eq!(code(little.add(LITTLE)), None);
    assert_eq!(code(little.add(1)), Some(ErrorCode::Overloaded));
}

#[test]
fn uploads_do_not_keep_anybody_from_logging_in() {
    let bodies = bodies(100, 100);
    let mut upload = bodies.begin(address(1), LARGE);
    assert_eq!(code(upload.add(100)), None);
    let mut logins = Vec::new();
    for _ in 0..64 {
        let mut login = bodies.begin(address(1), MAX_CREDENTIALS_BYTES);
        assert_eq!(code(login.add(MAX_CREDENTIALS_BYTES)), None);
        logins.push(login);
    }
    let mut one_more = bodies.begin(address(1), MAX_CREDENTIALS_BYTES);
    assert_eq!(code(one_more.add(1)), Some(ErrorCode::RateLimited));
    let mut other = bodies.begin(address(2), MAX_CREDENTIALS_BYTES);
    assert_eq!(code(other.add(1)), None);
}

#[test]
fn zero_means_none() {
    let bodies = bodies(0, 0);
    let mut body = bodies.begin(address(1), LARGE);
    assert_eq!(code(body.add(1 << 40)), None);
}
