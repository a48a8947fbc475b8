use super::*;

#[test]
fn without_a_list_a_name_is_none_that_a_stranger_can_have() {
    for (name, known) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("192.168.1.7", true),
        ("[2001:db8::1]", true),
        ("auditor", true),
        ("auditor.", true),
        ("app.localhost", true),
        ("evil.example", false),
        ("127.0.0.1.evil.example", false),
        ("localhost.evil.example", false),
        ("evil.example.", false),
    ] {
        assert_eq!(may_be(name, &[], true), known, "{name}");
        assert!(may_be(name, &[], false), "{name}, with registration closed");
    }
}

#[test]
fn a_list_is_all_but_for_this_machine() {
    let list = ["audit.example".to_owned(), "[2001:db8::1]".to_owned()];
    for (name, known) in [
        ("audit.example", true),
        ("AUDIT.example", true),
        ("audit.example.", true),
        ("[2001:db8::1]", true),
        ("localhost", true),
        ("127.0.0.1", true),
        ("www.audit.example", false),
        ("192.168.1.7", false),
        ("auditor", false),
    ] {
        assert_eq!(may_be(name, &list, true), known, "{name}");
        assert_eq!(may_be(name, &list, false), known, "{name}");
    }
    assert!(may_be("evil.example", &["*".to_owned()], true));
}
