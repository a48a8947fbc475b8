use super::*;

#[test]
fn what_points_to_a_source_is_a_mark() {
    for text in [
        "[1]",
        "[12]",
        "[1, 3]",
        "[2-5]",
        "[2–5]",
        "[^3]",
        "[#4]",
        "[[3]](https://example.org/a#b)",
        "[7](https://example.org)",
        "[Source 2]",
        "[source: 2]",
        "[doc-a]",
        "[doc_3]",
        "[Doc 2, p. 4]",
        "[Document 1][2]",
        "[citation:5]",
        "[Quelle 3]",
        "[Fuente 1]",
        "[来源2]",
        "[出典1]",
        "【4†source】",
        "【12】",
        "(Source: document 2)",
        "(see source 3)",
        "(Quelle: Jahresbericht)",
        "(doc 3, p. 12)",
        "（来源：文档2）",
        "(1).",
        "(2), and",
        "([1])",
        "<sup>2</sup>",
        "<sup>[2]</sup>",
        "<ref>4</ref>",
        "²",
        "{1}",
        "[web:3]",
        "[turn0search1]",
        "(Ref. 3)",
    ] {
        assert!(mark("The wall is high ", text).is_some(), "{text}");
    }
}

#[test]
fn what_states_something_is_none() {
    for (before, text) in [
        ("It was opened ", "[in 2009]"),
        ("He said ", "[sic]"),
        ("The ", "[old] wall"),
        ("In ", "[2009]"),
        ("They named ", "(source of the river)"),
        ("It has five ", "(5)."),
        ("It weighs ", "(12) tonnes"),
        ("f", "(1)."),
        ("The text ", "(document 12 was lost)"),
        ("it is ", "[430](https://example.org) metres long"),
        ("the article ", "[read it](https://example.org)"),
        ("5 m", "²"),
        ("10", "⁶"),
        ("5 km", "<sup>2</sup>"),
        ("", "【概要】"),
    ] {
        assert_eq!(mark(before, text), None, "{before}{text}");
    }
}

#[test]
fn any_start_is_taken() {
    for text in ["[", "[[", "【", "(", "<sup>", "<sup>é", "[é", "(（"] {
        assert_eq!(mark("", text), None, "{text}");
    }
}
