use super::*;

#[test]
fn parts_do_not_run_into_each_other() {
    assert_eq!(Key::of(&["ab", "c"]), Key::of(&["ab", "c"]));
    assert_ne!(Key::of(&["ab", "c"]), Key::of(&["a", "bc"]));
}

#[tokio::test]
async fn an_answer_serves_for_its_time() {
    let answers = Answers::default();
    let key = Key::of(&["a"]);
    answers.put(key, "yes");
    let (text, age) = answers.get(&key, Duration::from_secs(60)).unwrap();
    assert_eq!(&*text, "yes");
    assert!(age < Duration::from_secs(60));
    assert!(answers.get(&key, Duration::ZERO).is_none());
    assert!(
        answers
            .get(&Key::of(&["b"]), Duration::from_secs(60))
            .is_none()
    );
}
