use super::*;

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn each_kind_of_list_is_read() {
    for (listing, body) in [
        (
            Listing::OpenAi,
            r#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#,
        ),
        (
            Listing::Anthropic,
            r#"{"data":[{"type":"model","id":"a"},{"id":"b"}]}"#,
        ),
        (
            Listing::Gemini,
            r#"{"models":[{"name":"models/a"},{"name":"models/b"}]}"#,
        ),
        (
            Listing::Ollama,
            r#"{"models":[{"name":"a","size":3},{"name":"b"}]}"#,
        ),
    ] {
        assert_eq!(listing.names(body), Some(names(&["a", "b"])), "{listing:?}");
        assert_eq!(listing.names("<html>"), None);
        assert_eq!(listing.names("{}"), None);
    }
    let odd = r#"{"data":[{"id":3},{"id":""},{"id":"a"},null]}"#;
    assert_eq!(Listing::OpenAi.names(odd), Some(names(&["a"])));
}

#[test]
fn a_name_that_stands_for_the_newest_of_its_kind_is_offered() {
    let offered = names(&["judge-4-20260101", "judge-5", "small:latest"]);
    for (listing, model, expected) in [
        (Listing::OpenAi, "judge-5", true),
        (Listing::Anthropic, "judge-4", true),
        (Listing::Anthropic, "judge-4-latest", true),
        (Listing::OpenAi, "judge", false),
        (Listing::Gemini, "models/judge-5", true),
        (Listing::Ollama, "small", true),
        (Listing::Ollama, "judge-4", false),
    ] {
        assert_eq!(
            listing.is_offered(model, &offered),
            expected,
            "{listing:?} {model}"
        );
    }
}

#[test]
fn the_likest_names_come_first() {
    let offered = names(&["embedding-3", "judge-5-mini", "judge-5", "picture-1"]);
    assert_eq!(
        likest("judge-4-mini", &offered, 2),
        names(&["judge-5-mini", "judge-5"])
    );
}
