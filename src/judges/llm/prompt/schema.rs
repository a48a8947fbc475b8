//! JSON Schema of a model's reply, for servers that enforce one.

use serde_json::value::RawValue;

/// The fields are in the order in which they are to be written, the explanation before the rating.
/// Raw text, since a `Value` would sort them. Uses only keywords that every provider's dialect of
/// JSON Schema supports.
const SCHEMA: &str = r#"{
  "type": "object",
  "properties": {
    "explanation": {"type": "string"},
    "claims": {
      "type": "array",
      "maxItems": $CLAIMS,
      "items": {
        "type": "object",
        "properties": {
          "index": {"type": "integer"},
          "sentences": {"type": "array", "maxItems": $SENTENCES, "items": {"type": "integer"}},
          "quote": {"type": "string"},
          "label": {"type": "string", "enum": ["SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO"]},
          "confidence": {"type": "string", "enum": ["low", "medium", "high"]}
        },
        "required": ["index", "sentences", "quote", "label", "confidence"],
        "additionalProperties": false
      }
    },
    "issues": {
      "type": "array",
      "maxItems": $ISSUES,
      "items": {
        "type": "object",
        "properties": {
          "type": {"type": "string", "enum": ["factual_error", "hallucination", "unsupported_claim", "temporal_inconsistency", "numerical_error", "bias"]},
          "severity": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
          "description": {"type": "string"},
          "quote": {"type": "string"}
        },
        "required": ["type", "severity", "description", "quote"],
        "additionalProperties": false
      }
    },
    "rating": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
    "confidence": {"type": "string", "enum": ["low", "medium", "high"]}
  },
  "required": ["explanation", "claims", "issues", "rating", "confidence"],
  "additionalProperties": false
}"#;

/// Maximum number of decisive sentences that are listed for one claim.
const MOST_SENTENCES: usize = 8;

/// Returns the schema for a candidate with so many claims. The limits keep small models, which tend
/// to continue lists for ever under forced JSON, from reaching `max_tokens`.
pub(crate) fn schema(claims: usize, issues: usize) -> Box<RawValue> {
    let schema = SCHEMA
        .replace("$CLAIMS", &claims.to_string())
        .replace("$SENTENCES", &MOST_SENTENCES.to_string())
        .replace("$ISSUES", &issues.to_string());
    RawValue::from_string(schema).expect("the template is JSON once its numbers are filled in")
}

#[cfg(test)]
#[path = "tests/schema.rs"]
mod tests;
