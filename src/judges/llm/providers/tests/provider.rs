use super::*;

#[test]
fn the_model_that_answered_is_read_where_it_is_said() {
    let said = [
        (
            r#"{"model": "gpt-4o-mini-2024-07-18", "choices": []}"#,
            Some("gpt-4o-mini-2024-07-18"),
        ),
        (
            r#"{"modelVersion": "gemini-2.0-flash-001"}"#,
            Some("gemini-2.0-flash-001"),
        ),
        (r#"{"model": null, "modelVersion": 3}"#, None),
        (r#"{"model": "  "}"#, None),
        ("not JSON", None),
    ];
    for (body, model) in said {
        assert_eq!(answered_by(body).as_deref(), model, "{body}");
    }
    let long = format!(r#"{{"model": "{}"}}"#, "m".repeat(10_000));
    assert_eq!(answered_by(&long).unwrap().len(), MODEL_CHARS);
}
