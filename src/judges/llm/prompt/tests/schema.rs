use super::*;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::verdict::Label;

#[test]
fn the_explanation_comes_before_the_rating() {
    let schema = schema(3, 9);
    let place = |field: &str| schema.get().find(&format!("\"{field}\": {{")).unwrap();
    assert!(place("explanation") < place("claims"));
    assert!(place("issues") < place("rating"));
    assert!(place("quote") < place("label"), "evidence before the label");
}

/// Strict mode wants every property required, and none besides.
fn check_strict(schema: &Value) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let names: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let required = schema["required"].as_array().unwrap();
        let required: BTreeSet<&str> = required.iter().filter_map(Value::as_str).collect();
        assert_eq!(required, names);
        assert_eq!(schema["additionalProperties"], false);
        properties.values().for_each(check_strict);
    }
    if let Some(items) = schema.get("items") {
        check_strict(items);
    }
}

#[test]
fn it_is_strict_and_knows_the_labels() {
    let schema: Value = serde_json::from_str(schema(3, 9).get()).unwrap();
    check_strict(&schema);
    let claims = &schema["properties"]["claims"];
    assert_eq!(claims["maxItems"], 3);
    assert_eq!(schema["properties"]["issues"]["maxItems"], 9);
    let labels = Label::ALL.map(Label::as_str);
    assert_eq!(
        claims["items"]["properties"]["label"]["enum"],
        json!(labels)
    );
}
