//! Renders JSON schemas as text for people.

use maud::{Markup, html};
use serde_json::Value;

use super::json::{list, members, prose, text};

/// Keywords that constrain a value, and the text that describes each.
const BOUNDS: [(&str, &str); 8] = [
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("pattern", "matches {}"),
    ("default", "default {}"),
];

/// Describes a type in a few words, with a link to its named schema if it has one.
pub(super) fn brief(schema: &Value) -> Markup {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    for (keyword, joint) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if schema[keyword].is_array() {
            return html! {
                @for (place, one) in list(schema, keyword).enumerate() {
                    @if place > 0 { (joint) }
                    (brief(one))
                }
            };
        }
    }
    if schema["enum"].is_array() {
        return html! {
            @for (place, value) in list(schema, "enum").enumerate() {
                @if place > 0 { ", " }
                code { (plain(value)) }
            }
        };
    }
    html! {
        @for (place, name) in names(schema).into_iter().enumerate() {
            @if place > 0 { " or " }
            @match name {
                "array" => { "list of " (brief(&schema["items"])) }
                "object" if schema["additionalProperties"].is_object() => {
                    "object of " (brief(&schema["additionalProperties"]))
                }
                name => (name)
            }
        }
        @if !text(schema, "format").is_empty() { " (" (text(schema, "format")) ")" }
        (bounds(schema))
    }
}

/// Renders a named schema: its description, and a row for each of its properties.
pub(super) fn whole(schema: &Value) -> Markup {
    let parts: Vec<&Value> = ["allOf", "oneOf", "anyOf"]
        .into_iter()
        .flat_map(|keyword| list(schema, keyword))
        .collect();
    let properties: Vec<_> = members(schema, "properties").collect();
    let required = |name: &str| list(schema, "required").any(|one| one == name);
    html! {
        @if !text(schema, "description").is_empty() { p { (prose(text(schema, "description"))) } }
        @if properties.is_empty() && parts.is_empty() { p { (brief(schema)) } }
        @if !properties.is_empty() {
            table {
                thead { tr { th scope="col" { "member" } th scope="col" { "type" } th scope="col" { "description" } } }
                tbody {
                    @for (name, property) in properties {
                        tr {
                            th scope="row" {
                                code { (name) }
                                @if required(name) { " (always)" }
                            }
                            td { (brief(property)) }
                            td { (prose(text(property, "description"))) }
                        }
                    }
                }
            }
        }
        @for part in parts {
            @if part["properties"].is_object() { (whole(part)) } @else { p { (brief(part)) } }
        }
    }
}

fn names(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec!["any"],
    }
}

fn bounds(schema: &Value) -> Markup {
    let told = BOUNDS.iter().filter_map(|(keyword, words)| {
        let value = schema.get(keyword)?;
        Some(words.replace("{}", &plain(value)))
    });
    html! { @for bound in told { ", " (bound) } }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
#[path = "tests/schema.rs"]
mod tests;
