use super::*;

#[test]
fn every_source_has_a_name_of_its_own() {
    let texts = vec![
        (Some("a.txt".to_owned()), "1".to_owned()),
        (None, "2".to_owned()),
        (Some("a.txt".to_owned()), "3".to_owned()),
        (Some("x".repeat(300)), "4".to_owned()),
        (Some("x".repeat(300)), "5".to_owned()),
    ];
    let names: Vec<String> = named(texts).into_iter().map(|source| source.name).collect();
    assert_eq!(names[..3], ["a.txt", "source 2", "a.txt (3)"]);
    assert!(names.iter().all(|name| name.chars().count() <= 100));
    assert_ne!(names[3], names[4]);
}
