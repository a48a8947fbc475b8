use super::*;

#[derive(Debug, serde::Deserialize)]
struct Single {
    a: i64,
}

#[test]
fn an_array_is_no_object() {
    let read = |text: &str| serde_json::from_str::<Object<Single>>(text).map(|object| object.0.a);
    assert_eq!(read(r#"{"a":1}"#).unwrap(), 1);
    let error = read("[1]").unwrap_err().to_string();
    assert!(
        error.starts_with("invalid type: sequence, expected an object"),
        "{error}"
    );
}
