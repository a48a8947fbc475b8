use super::*;

#[test]
fn a_preview_is_cut_between_characters() {
    assert_eq!(preview("short"), "short");
    assert_eq!(preview(&"🦀ä".repeat(500)), "🦀ä".repeat(80));
}

proptest::proptest! {
    #[test]
    fn a_cursor_survives_json_to_the_last_bit(bits in proptest::num::u64::ANY) {
        let cursor = Cursor { key: Key::Score(Some(bits)), id: crate::store::new_id() };
        let text = serde_json::to_string(&cursor).unwrap();
        proptest::prop_assert_eq!(serde_json::from_str::<Cursor>(&text).unwrap(), cursor);
    }
}
