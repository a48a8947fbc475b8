//! JSON Schemas of tools, made of the types that read their arguments and write their answers.

use std::sync::Arc;

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where the OpenAPI document has its schemas, and where a schema that stands alone has its own.
const SHARED: &str = "#/components/schemas/";
const OWN: &str = "#/$defs/";

/// Formats that JSON Schema knows. The others say which number a program should use, and some validators refuse
/// what they do not know.
const FORMATS: [&str; 3] = ["uuid", "date-time", "uri"];

/// A type's schema, whole: what it refers to is in `$defs`.
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

/// A schema as JSON that refers to nothing outside.
fn plain(schema: &impl serde::Serialize) -> Value {
    // Strings, numbers and lists only, which always serialise.
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
