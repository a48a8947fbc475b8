use super::*;

#[test]
fn kinds_go_by_the_names_of_the_file() {
    for kind in JudgeKind::ONLINE.into_iter().chain(JudgeKind::OFFLINE) {
        assert_eq!(JudgeKind::try_from(kind.as_str().to_owned()), Ok(kind));
        assert_eq!(
            serde_json::to_string(&kind).unwrap(),
            format!("\"{}\"", kind.as_str())
        );
    }
    let unknown = JudgeKind::try_from("oracle".to_owned()).unwrap_err();
    assert!(unknown.contains("known are openai"), "{unknown}");
}
