//! Adapts the reply's schema to the dialects of single providers. Works on the raw text, since a
//! `Value` would sort the fields, and models write them in the schema's order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::json;
use serde_json::value::RawValue;

/// The fields of an object in their original order.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Removes the limits that depend on the case, so that every case has the same schema.
pub(crate) fn unbounded(schema: &RawValue) -> Box<RawValue> {
    raw(rewritten(schema, &|keyword, value| {
        let kept = (keyword.to_owned(), value.to_owned());
        (keyword != "maxItems").then_some(vec![kept])
    }))
}

/// Converts to Gemini's `responseSchema`: types in capitals, no `additionalProperties`, `enum` for
/// strings only, and the order in `propertyOrdering`, without which fields come in alphabetical
/// order. Limits of lists are left out, because larger schemas are refused with them for "too many
/// states".
pub(crate) fn gemini(schema: &RawValue) -> Box<RawValue> {
    raw(rewritten(schema, &|keyword, value| match keyword {
        "additionalProperties" | "maxItems" => None,
        "type" => Some(vec![(keyword.to_owned(), value.to_uppercase())]),
        "enum" => match serde_json::from_str::<Vec<i64>>(value) {
            Ok(numbers) => {
                let end = |key: &str, number: Option<&i64>| {
                    number.map(|number| (key.to_owned(), number.to_string()))
                };
                let ends = [
                    end("minimum", numbers.iter().min()),
                    end("maximum", numbers.iter().max()),
                ];
                Some(ends.into_iter().flatten().collect())
            }
            Err(_) => Some(vec![(keyword.to_owned(), value.to_owned())]),
        },
        "properties" => {
            let Ok(Fields(properties)) = serde_json::from_str(value) else {
                return Some(vec![(keyword.to_owned(), value.to_owned())]);
            };
            let names: Vec<String> = properties.into_iter().map(|(name, _)| name).collect();
            Some(vec![
                (keyword.to_owned(), value.to_owned()),
                ("propertyOrdering".to_owned(), json!(names).to_string()),
            ])
        }
        _ => Some(vec![(keyword.to_owned(), value.to_owned())]),
    }))
}

/// Maps a keyword and its value to replacements; `None` removes the keyword.
type Rule<'a> = &'a dyn Fn(&str, &str) -> Option<Vec<(String, String)>>;

/// Applies the rule to the keywords of a schema and of its nested schemas.
fn rewritten(schema: &RawValue, rule: Rule<'_>) -> String {
    let Ok(Fields(keywords)) = serde_json::from_str(schema.get()) else {
        return schema.get().to_owned();
    };
    let fields = keywords.into_iter().filter_map(|(keyword, value)| {
        let inner = match keyword.as_str() {
            "items" => rewritten(value, rule),
            // These are names of properties, which may look like keywords.
            "properties" => match serde_json::from_str(value.get()) {
                Ok(Fields(properties)) => object(
                    properties
                        .into_iter()
                        .map(|(name, schema)| (name, rewritten(schema, rule))),
                ),
                Err(_) => value.get().to_owned(),
            },
            _ => value.get().to_owned(),
        };
        rule(&keyword, &inner)
    });
    object(fields.flatten())
}

fn object(fields: impl Iterator<Item = (String, String)>) -> String {
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).expect("parts of JSON were put together as JSON")
}

#[cfg(test)]
#[path = "tests/dialect.rs"]
mod tests;
