use super::*;

use serde_json::Value;

use crate::judges::llm::prompt::schema::schema;

#[test]
fn without_bounds_every_case_has_the_same() {
    assert_ne!(schema(3, 9).get(), schema(4, 7).get());
    let few = unbounded(&schema(3, 9));
    assert_eq!(few.get(), unbounded(&schema(4, 7)).get());
    let place = |field: &str| few.get().find(&format!("\"{field}\":{{")).unwrap();
    assert!(place("explanation") < place("claims"));
    assert!(place("issues") < place("rating"));
    let mut expected: Value = serde_json::from_str(schema(3, 9).get()).unwrap();
    for list in ["claims", "issues"] {
        let list = expected["properties"][list].as_object_mut().unwrap();
        list.remove("maxItems");
    }
    let sentences = "/properties/claims/items/properties/sentences";
    let sentences = expected.pointer_mut(sentences).unwrap();
    sentences.as_object_mut().unwrap().remove("maxItems");
    assert_eq!(serde_json::from_str::<Value>(few.get()).unwrap(), expected);
}

#[test]
fn gemini_gets_its_subset_with_the_order() {
    let got = gemini(&schema(3, 9));
    assert!(!got.get().contains("additionalProperties"));
    assert!(!got.get().contains("maxItems"));
    let got: Value = serde_json::from_str(got.get()).unwrap();
    assert_eq!(got["type"], "OBJECT");
    let order = ["explanation", "claims", "issues", "rating", "confidence"];
    assert_eq!(got["propertyOrdering"], json!(order));
    let rating = json!({"type": "INTEGER", "minimum": 1, "maximum": 5});
    assert_eq!(got["properties"]["rating"], rating);
    let issue = &got["properties"]["issues"]["items"];
    // A property of the name of a keyword stays what it is.
    assert_eq!(issue["properties"]["type"]["enum"][0], "factual_error");
    assert_eq!(
        issue["propertyOrdering"],
        json!(["type", "severity", "description", "quote"])
    );
}
