use super::*;

#[test]
fn only_near_names_are_suggested() {
    let known = ["commands_per_second", "commands_burst", "replay_events"];
    assert_eq!(
        nearest("command_per_seconds", known),
        Some("commands_per_second")
    );
    assert_eq!(nearest("replay", known), Some("replay_events"));
    assert_eq!(nearest("colour", known), None);
}
