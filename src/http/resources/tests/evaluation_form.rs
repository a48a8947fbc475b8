use super::*;

#[test]
fn a_file_is_of_the_kind_that_it_says_or_that_its_name_says() {
    for (declared, name, expected) in [
        (Some("text/plain"), Some("a.md"), Some(MediaType::Markdown)),
        (Some("text/plain"), Some("a.csv"), Some(MediaType::Plain)),
        (Some("application/pdf"), Some("a.txt"), Some(MediaType::Pdf)),
        (
            Some("application/octet-stream"),
            Some("a.PDF"),
            Some(MediaType::Pdf),
        ),
        (None, Some("a.html"), Some(MediaType::Html)),
        (None, Some("notes"), Some(MediaType::Plain)),
        (None, None, Some(MediaType::Plain)),
        (Some("image/png"), Some("a.png"), None),
        (Some("text/plain; charset=latin1"), None, None),
    ] {
        assert_eq!(kind(declared, name), expected, "{declared:?} {name:?}");
    }
}

#[test]
fn a_flag_is_true_or_false() {
    assert!(flag(b" true\n").unwrap());
    assert!(!flag(b"false").unwrap());
    assert_eq!(flag(b"yes").unwrap_err().fields[0].pointer, "/start");
}
