use super::*;
use crate::mcp::tools::Tool;

#[test]
fn a_schema_refers_to_nothing_outside_and_names_no_foreign_format() {
    for tool in Tool::ALL {
        let description = tool.description();
        let output = description.output_schema.as_ref().unwrap();
        for schema in [&description.input_schema, output] {
            let whole = Value::Object(schema.as_ref().clone());
            assert_eq!(whole["type"], "object", "{}", tool.name());
            let text = whole.to_string();
            assert!(!text.contains("#/components"), "{text}");
            // A validator that knows the schema's own words finds every definition.
            let compiled = jsonschema::draft202012::new(&whole);
            assert!(compiled.is_ok(), "{}: {compiled:?}", tool.name());
        }
    }
}

#[test]
fn definitions_stand_beside_what_refers_to_them() {
    let schema = schema_of::<crate::protocol::rest::HitView>();
    let text = Value::Object(schema.as_ref().clone()).to_string();
    assert!(text.contains("#/$defs/Span"), "{text}");
    assert!(schema["$defs"]["Span"]["properties"]["start"].is_object());
    assert!(
        schema["$defs"]["Span"]["properties"]["start"]
            .get("format")
            .is_none()
    );
}
