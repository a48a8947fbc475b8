use super::*;
use crate::protocol::command::decode;

#[test]
fn every_message_of_the_code_is_there() {
    let document = document();
    let messages = document["components"]["messages"].as_object().unwrap();
    let replies: Vec<_> = variants::<Reply>(&mut Vec::new());
    assert_eq!(replies.len(), 10, "as many as the enum has");
    let events: Vec<_> = variants::<EventBody>(&mut Vec::new());
    assert_eq!(events.len(), 7, "as many as the enum has");
    for (name, data) in replies.iter().chain(&events) {
        assert!(messages.contains_key(name), "{name}");
        assert!(data.is_object(), "{name}: {data}");
    }
    let session = "01890a5d-ac96-774b-bcce-b302099a8057";
    let operations = document["operations"].as_object().unwrap();
    for (name, operation) in operations {
        if operation["action"] != "receive" {
            continue;
        }
        let data = match &**name {
            "begin_check" => json!({ "check_id": "c" }),
            "add_to_check" => json!({ "check_id": "c", "piece": 0 }),
            _ => json!({ "session_id": session, "token": "t" }),
        };
        let text = json!({ "type": name, "data": data }).to_string();
        let command = decode(&text).command;
        assert_eq!(command.unwrap().name(), name);
    }
    assert_eq!(operations.len(), 8 + 2, "each command, events, control");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str().filter(|_| name == "$ref") {
                        Some(target) => found.push(target.to_owned()),
                        None => references(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 60, "{}", found.len());
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}
