//! JSON Schemas of tools, derived from the types of their arguments and results.

use std::sync::Arc;

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Path of the schemas in the OpenAPI document; `OWN` is that in a self-contained schema.
const SHARED: &str = "#/components/schemas/";
const OWN: &str = "#/$defs/";

/// Formats that JSON Schema defines. OpenAPI's other formats name number types, and some validators
/// reject unknown ones.
const FORMATS: [&str; 3] = ["uuid", "date-time", "uri"];

/// Returns a type's self-contained schema, with referenced types in `$defs`.
pub(super) fn schema_of<T: ToSchema>() -> Arc<Map<String, Value>> {
    let mut held = Vec::new();
    T::schemas(&mut held);
    let mut whole = plain(&T::schema());
    let definitions: Map<String, Value> = held
        .iter()
        .map(|(name, schema)| (name.clone(), plain(schema)))
        .collect();
    if let Value::Object(object) = &mut whole
        && !definitions.is_empty()
    {
        object.insert("$defs".to_owned(), Value::Object(definitions));
    }
    match whole {
        Value::Object(object) => Arc::new(object),
        _ => Arc::default(),
    }
}

/// Serializes a schema with references to `$defs` only.
fn plain(schema: &impl serde::Serialize) -> Value {
    // Schemas consist of strings, numbers and lists, which can always be serialized.
    let mut value = serde_json::to_value(schema).unwrap_or_default();
    settle(&mut value);
    value
}

fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(SHARED)
            {
                *reference = format!("{OWN}{name}");
            }
            let foreign =
                |format: &Value| format.as_str().is_some_and(|name| !FORMATS.contains(&name));
            if members.get("format").is_some_and(foreign) {
                members.remove("format");
            }
            members.values_mut().for_each(settle);
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        _ => {}
    }
}

#[cfg(test)]
#[path = "tests/schema.rs"]
mod tests;
