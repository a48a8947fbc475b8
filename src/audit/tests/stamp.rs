use super::*;

fn judge(name: &str, answered_by: Option<&str>) -> StampedJudge {
    StampedJudge {
        name: name.to_owned(),
        kind: "openai".to_owned(),
        model: "m".to_owned(),
        answered_by: answered_by.map(str::to_owned),
        rubric: Some("3".to_owned()),
    }
}

#[test]
fn the_order_of_judges_changes_nothing_and_all_else_does() {
    let one = of_judges(vec![judge("a", None), judge("b", None)], true, None);
    let other = of_judges(vec![judge("b", None), judge("a", None)], true, None);
    assert_eq!(one, other);
    assert_eq!(one.fingerprint.len(), DIGITS);
    let others = [
        of_judges(vec![judge("a", None)], true, None),
        of_judges(
            vec![judge("a", None), judge("b", Some("m-0401"))],
            true,
            None,
        ),
        of_judges(vec![judge("a", None), judge("b", None)], false, None),
        of_judges(
            vec![judge("a", None), judge("b", None)],
            true,
            Some("c0ffee"),
        ),
    ];
    for different in others {
        assert_ne!(different.fingerprint, one.fingerprint, "{different:?}");
    }
}
