use super::*;

#[test]
fn tools_are_found_by_their_names_and_described_under_them() {
    for tool in Tool::ALL {
        assert_eq!(Tool::named(tool.name()), Some(tool));
        assert_eq!(tool.description().name, tool.name());
    }
    assert_eq!(Tool::named("delete_everything"), None);
}

#[test]
fn what_reads_needs_to_read_only() {
    for tool in Tool::ALL {
        let hints = tool.description().annotations.clone().unwrap();
        assert_eq!(hints.destructive_hint, Some(false));
        if tool.needs() == Scope::Read {
            assert_eq!(hints.read_only_hint, Some(true), "{}", tool.name());
        }
    }
}
