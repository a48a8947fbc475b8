use serde_json::{Value, json};

use super::Annotate;

fn faults(body: Value) -> Vec<String> {
    let body: Annotate = serde_json::from_value(body).unwrap();
    body.faults()
        .into_iter()
        .map(|fault| fault.pointer)
        .collect()
}

#[test]
fn what_is_left_out_is_told_from_what_is_taken_away() {
    let read = |body: Value| serde_json::from_value::<Annotate>(body).unwrap();
    assert_eq!(read(json!({})).name, None);
    assert_eq!(read(json!({ "name": null })).name, Some(None));
    assert_eq!(
        read(json!({ "name": "n" })).name,
        Some(Some("n".to_owned()))
    );
    assert_eq!(read(json!({ "tags": [] })).tags, Some(Vec::new()));
    assert!(serde_json::from_value::<Annotate>(json!({ "title": "n" })).is_err());
}

#[test]
fn texts_have_bounds() {
    let long = |most: usize| "ü".repeat(most);
    assert_eq!(
        faults(json!({ "name": long(200), "tags": vec![long(50); 20], "notes": long(10_000) })),
        [] as [&str; 0]
    );
    assert_eq!(
        faults(json!({ "name": long(201), "tags": ["a", long(51), ""], "notes": long(10_001) })),
        ["/name", "/notes", "/tags/1", "/tags/2"]
    );
    assert_eq!(
        faults(json!({ "name": "", "tags": vec!["a"; 21], "notes": "\u{0}" })),
        ["/name", "/notes", "/tags"]
    );
}

#[test]
fn names_and_tags_are_one_visible_line() {
    for text in [
        "a\nb",
        "a\tb",
        "a\u{1b}[2Jb",
        "a\u{202E}b",
        "a\u{2067}b",
        "a\u{2028}b",
    ] {
        assert_eq!(
            faults(json!({ "name": text, "tags": ["a", text], "notes": text })),
            ["/name", "/tags/1"],
            "{text:?}"
        );
    }
    assert_eq!(
        faults(json!({ "name": "  ", "tags": [" "] })),
        ["/name", "/tags/0"]
    );
    assert_eq!(
        faults(json!({ "name": "דוח\u{200F} 3", "tags": ["週報", "🏴 a"] })),
        [] as [&str; 0]
    );
}

#[test]
fn tags_are_trimmed_and_null_is_none_of_them() {
    let body: Annotate = serde_json::from_value(json!({ "tags": [" a", "a", "a "] })).unwrap();
    assert_eq!(body.tags, Some(vec!["a".to_owned(); 3]));
    assert!(body.faults().is_empty());
    assert!(serde_json::from_value::<Annotate>(json!({ "tags": null })).is_err());
}
