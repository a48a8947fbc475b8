use super::*;

#[test]
fn the_page_of_checkers_has_every_preset() {
    let page = include_str!("../../../docs/how-to/checkers.md");
    let checkers = checkers();
    for name in checkers.keys() {
        let named = format!("preset = \"{name}\"");
        assert!(page.contains(&named), "{named} is not on the page");
    }
    assert_eq!(page.matches("\npreset = \"").count(), checkers.len());
}
