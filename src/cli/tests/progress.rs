use super::*;

#[test]
fn a_line_says_how_far_it_is_and_how_long_it_takes() {
    let of = |done, seconds| line("a.jsonl", done, 100, Duration::from_secs(seconds));
    assert_eq!(
        of(25, 10),
        "a.jsonl: 25 of 100, 2.5 a second, about 30 s left"
    );
    assert_eq!(
        of(10, 60),
        "a.jsonl: 10 of 100, 0.2 a second, about 9 min left"
    );
}
