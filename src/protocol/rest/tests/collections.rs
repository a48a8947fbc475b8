use super::*;

#[test]
fn names_are_not_blank_and_not_that_of_the_source() {
    for (name, allowed) in [
        ("Notes", true),
        (" a ", true),
        ("", false),
        (" \n", false),
        ("a\0", false),
        ("source_text", false),
        (" source_text ", false),
    ] {
        assert_eq!(document_name_fault(name).is_none(), allowed, "{name:?}");
    }
    let longest = "ä".repeat(MAX_DOCUMENT_NAME);
    assert!(document_name_fault(&longest).is_none());
    assert!(document_name_fault(&(longest + "ä")).is_some());
}
