use super::*;

#[test]
fn english_is_plain_and_nothing_else_is() {
    for language in ["C", "POSIX", "C.UTF-8", "en_US.UTF-8", "en_GB", "en"] {
        assert!(is_plain(language), "{language}");
    }
    for language in ["", "de_DE.UTF-8", "fr_FR", "Congo", "ende"] {
        assert!(!is_plain(language), "{language}");
    }
}
