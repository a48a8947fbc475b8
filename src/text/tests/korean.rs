use super::*;

#[test]
fn figures_magnitudes_and_counters_part() {
    for (word, expected) in [
        ("412미터이다", vec!["412", "미터이다"]),
        ("3억원이다", vec!["3", "억", "원이다"]),
        ("5만", vec!["5", "만"]),
        ("회사는", vec!["회사는"]),
        ("KBS는", vec!["KBS는"]),
        ("", vec![]),
    ] {
        assert_eq!(parts(word).collect::<Vec<_>>(), expected, "{word}");
    }
}

#[test]
fn particles_go() {
    for (word, expected) in [
        ("미터이다", "미터"),
        ("명을", "명"),
        ("년에", "년"),
        ("회사는", "회사"),
        ("서울에서는", "서울"),
        ("나이", "나이"),
    ] {
        let end = stem(word).unwrap_or(word.len());
        assert_eq!(&word[..end], expected, "{word}");
    }
    assert!(!negates("열지") && negates("않았다") && negates("없다"));
}
