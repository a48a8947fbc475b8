use super::*;
use crate::store::fleet::nodes::Load;
use crate::store::new_id;
use crate::store::testing::at;

fn node(name: &str) -> Node {
    Node {
        id: new_id(),
        name: name.to_owned(),
        release: "1.0.0".to_owned(),
        started_at: at(0),
        application_name: String::new(),
        beat: 7,
        places: 16,
        load: Load {
            at_work: 3,
            connections: 12,
            draining: false,
            bus_deaf: false,
        },
        signing_key_id: "k".to_owned(),
        config_digest: "d".to_owned(),
    }
}

#[test]
fn who_works_is_told_from_who_does_not_and_what_differs_is_named() {
    let before = [node("first"), node("second"), node("third")];
    let mut now = before.clone();
    now[0].beat += 2;
    now[2].beat += 1;
    now[1].signing_key_id = "other".to_owned();
    now[1].config_digest = "other".to_owned();
    now[2].load.draining = true;
    now[0].load.bus_deaf = true;
    now[2].places = 0;
    let table = table(&before, &now);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(
        lines[1].starts_with("first   1.0.0    deaf      9      3 of 16"),
        "{table}"
    );
    assert!(lines[2].contains("silent") && lines[2].ends_with("key of access tokens, settings"));
    assert!(lines[3].contains("stopping  8      3 of any"), "{table}");
    assert!(!lines[1].ends_with(' '), "{table}");
}

#[test]
fn who_dies_while_it_stops_is_silent_and_who_left_meanwhile_is_gone() {
    let mut before = [node("first"), node("second"), node("third")];
    before[1].load.draining = true;
    let mut now = before[1..].to_vec();
    now[1].beat += 2;
    let listed = table(&before, &now);
    let states: Vec<(&str, &str)> = listed
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split_whitespace();
            let name = cells.next().unwrap();
            (name, cells.nth(1).unwrap())
        })
        .collect();
    let expected = [("second", "silent"), ("third", "works"), ("first", "gone")];
    assert_eq!(states, expected, "{listed}");
    let none = table(&before[..1], &[]);
    assert!(none.lines().nth(1).unwrap().contains("gone"), "{none}");
}
