use serde_json::json;

use super::*;

#[test]
fn types_are_told_in_words() {
    let told = |schema: Value| {
        let html = brief(&schema).into_string();
        html.replace("<code>", "").replace("</code>", "")
    };
    assert_eq!(
        told(json!({ "type": "string", "format": "uuid" })),
        "string (uuid)"
    );
    assert_eq!(
        told(json!({ "type": ["integer", "null"], "minimum": 1 })),
        "integer or null, at least 1"
    );
    assert_eq!(
        told(json!({ "enum": ["asc", "desc"], "type": "string" })),
        "asc, desc"
    );
    assert_eq!(
        told(json!({ "type": "array", "items": { "$ref": "#/components/schemas/Claim" } })),
        "list of <a href=\"#schema-Claim\">Claim</a>"
    );
    assert_eq!(
        told(json!({ "oneOf": [{ "type": "null" }, { "type": "number" }] })),
        "null or number"
    );
    assert_eq!(told(json!({})), "any");
}
