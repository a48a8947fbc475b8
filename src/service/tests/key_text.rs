use super::*;
use proptest::prelude::*;

#[test]
fn a_key_has_the_shape_that_the_papers_promise() {
    let key = new_key().unwrap();
    assert_eq!(key.len(), 52);
    assert!(is_meant(&key) && is_well_formed(&key));
    assert!(
        key.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    );
    assert_eq!(shown(&key), key[..8]);
    assert_ne!(new_key().unwrap(), key);
}

#[test]
fn every_digit_of_the_secret_occurs() {
    let mut seen = std::collections::BTreeSet::new();
    // 200 keys have 8,600 digits: that one of 62 is missing is less likely than 1 in 10^50.
    for _ in 0..200 {
        let key = new_key().unwrap();
        seen.extend(key[PREFIX.len()..PREFIX.len() + SECRET].bytes());
    }
    assert_eq!(seen.len(), 62);
}

/// The checksum as other tools compute it: `zlib.crc32` of Python, then digits to the base 62.
#[test]
fn the_checksum_is_a_crc_32_in_base_62() {
    let secret = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";
    assert_eq!(secret.len(), SECRET);
    assert_eq!(checksum(secret), "37cCQ0");
    assert!(is_well_formed(&format!("ja_{secret}37cCQ0")));
}

#[test]
fn what_is_no_key_is_told_apart() {
    let key = new_key().unwrap();
    for (what, text) in [
        ("empty", String::new()),
        ("a prefix alone", PREFIX.to_owned()),
        ("a JWT", "eyJhbGciOiJIUzI1NiJ9.e30.x".to_owned()),
        ("another prefix", key.replacen("ja_", "gh_", 1)),
        ("too short", key[..51].to_owned()),
        ("too long", format!("{key}0")),
        ("not ASCII", key.replacen("ja_", "ja_é", 1)),
        ("white space", format!("{key} ")),
        ("two", format!("{key}{key}")),
    ] {
        assert!(!is_well_formed(&text), "{what}");
    }
}

proptest! {
    #[test]
    fn no_single_wrong_character_passes(at in 3_usize..52, other in "[0-9A-Za-z]") {
        let key = new_key().unwrap();
        let mut wrong = key.clone();
        wrong.replace_range(at..=at, &other);
        prop_assert_eq!(is_well_formed(&wrong), wrong == key);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        is_well_formed(&format!("ja_{text}"));
        shown(&text);
    }
}
