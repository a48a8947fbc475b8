use super::*;

fn found(text: &str, q: &str) -> bool {
    let needle = Needle::new(q).unwrap();
    let may_be = needle.may_be_in(Some(&filter(text, "")));
    assert!(may_be || !needle.is_in(text), "{q:?} was overlooked");
    may_be
}

#[test]
fn a_filter_keeps_apart_what_is_there_and_what_is_not() {
    let text = "The Danube is 2,850 km long. Волга впадает в Каспийское море. 长江全长6300公里";
    for there in ["danube", "2,850 KM", "ВОЛГА", "公里", "里", "e is 2"] {
        assert!(found(text, there), "{there:?}");
    }
    let vain = (0..1000)
        .filter(|n| found(text, &format!("rhine {n}")))
        .count();
    assert!(vain <= 10, "{vain} of 1000 would be read in vain");
    assert_eq!(Needle::new(""), None);
    assert_eq!(Needle::new("\0"), None);
}

#[test]
fn the_size_of_a_filter_follows_what_the_texts_hold_and_is_bounded() {
    let repeated = "ab".repeat(100_000);
    assert_eq!(filter(&repeated, "").len(), MIN_BYTES);
    let different: String = (0..100_000)
        .filter_map(|n| char::from_u32(0x4e00 + n * 7 % 20_000))
        .collect();
    assert_eq!(filter(&different, "").len(), MAX_BYTES);
    let ones: u32 = filter("A sentence of some length.", "And another one.")
        .iter()
        .map(|byte| byte.count_ones())
        .sum();
    let bits = filter("A sentence of some length.", "And another one.").len() * 8;
    assert!(ones as usize * BITS_PER_GRAM <= bits, "{ones} of {bits}");
}

proptest::proptest! {
    #[test]
    fn what_is_in_a_text_is_never_overlooked(text in ".{0,60}", from in 0_usize..60, length in 1_usize..20) {
        let q: String = text.chars().skip(from).take(length).collect();
        if let Some(needle) = Needle::new(&q) {
            proptest::prop_assert!(needle.is_in(&text.replace('\0', "")) || text.contains('\0'));
            proptest::prop_assert!(needle.may_be_in(Some(&filter("x", &text))) || text.contains('\0'));
        }
    }
}
