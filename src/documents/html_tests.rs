use std::time::{Duration, Instant};

use super::*;

#[test]
fn what_a_reader_sees_is_read() {
    let page = "<!doctype html><html><head><title>The &amp; mill</title><style>p{}</style></head>\
        <body><nav>Home</nav><h1>Mill <em>by</em> the river</h1><p>It was s<b>old</b> in\n 1931 &mdash; \
        <!-- no --> for 5&nbsp;€.<br>Bread<script>if (a < b) document.write('<p>x</p>')</script> is baked.\
        <ul><li>rye<li>wheat</ul><table><tr><th>Year<th>Tons</tr><tr><td>1931</td><td>7</td></tr></table>\
        <pre>a  b\n  c</pre>بيعت الطاحونة</body></html>";
    let extracted = extract(page).unwrap();
    assert_eq!(extracted.title.as_deref(), Some("The & mill"));
    assert_eq!(
        extracted.text,
        "Home\n\n# Mill by the river\n\nIt was sold in 1931 — for 5 €.\nBread is baked.\n\n- rye\n- wheat\n\n\
         Year | Tons\n1931 | 7\n\na  b\n  c\n\nبيعت الطاحونة"
    );
}

#[test]
fn what_nobody_sees_is_left_out() {
    for hidden in [
        "<div hidden><div>x</div>x</div>",
        "<span style='Display : NONE'>x</span>",
        "<p aria-hidden=true>x</p>",
        "<p hidden>x<p>",
        "<template><p>x</p></template>",
        "<noscript>x</noscript>",
        "<svg><title>x</title><text>x</text></svg>",
        "<textarea hidden><b>x</b></textarea>",
        "<i style=\"font-size:0\">x</i>",
    ] {
        let extracted = extract(&format!("Here {hidden} and there.")).unwrap();
        let words: Vec<&str> = extracted.text.split_whitespace().collect();
        assert_eq!(words, ["Here", "and", "there."], "{hidden}");
    }
    assert_eq!(
        extract("a <b style='opacity:0.5'>b</b> c").unwrap().text,
        "a b c"
    );
}

#[test]
fn what_follows_a_hidden_element_without_an_end_is_read() {
    for (page, text) in [
        ("<ul><li hidden>x<li>b</ul><p>c", "- b\n\nc"),
        ("<ul><li hidden>x<ul><li>x</ul><li>b</ul>c", "- b\n\nc"),
        ("<p hidden>x<h2>b</h2>c", "# b\n\nc"),
        ("<div><p hidden>x</div>b", "b"),
        (
            "<table><tr><td hidden>x<td>b<tr><td>c</table>d",
            "b\nc\n\nd",
        ),
        ("<dl><dt hidden>x<dd>b</dl>c", "b\n\nc"),
        ("<div hidden/>x</div>b", "b"),
        ("<div hidden><p>x<img>x</i></div>b", "b"),
    ] {
        assert_eq!(extract(page).unwrap().text, text, "{page}");
    }
}

#[test]
fn long_tags_and_comments_are_no_trouble_and_endless_attributes_are() {
    let picture = format!(
        "<img src=\"data:image/png;base64,{}\">",
        "iVBORw0KGgo/AAAA".repeat(20_000)
    );
    let comment = format!("<!-- {} -->", "a = b / c ".repeat(50_000));
    let page = format!(
        "Here {picture}{comment}it is. {}",
        "a = b / c ".repeat(20_000)
    );
    let text = extract(&page).unwrap().text;
    assert!(text.starts_with("Here it is. a = b"), "{}", &text[..40]);
    let attributes = format!("<p {}>", "a=1 ".repeat(20_000));
    assert_eq!(extract(&attributes), Err(ExtractError::TooMuch));
}

#[test]
fn deep_and_broken_pages_take_no_stack_and_little_time() {
    let began = Instant::now();
    for odd in [
        "<div>".repeat(100_000),
        "<div hidden>".repeat(100_000),
        "<b".repeat(100_000),
        "&#".repeat(100_000),
        "<!--".repeat(50_000),
        "<a href='".to_owned() + &"x".repeat(500_000),
        "<script>".to_owned() + &"<".repeat(500_000),
        format!("<p {}>", "a=1 ".repeat(2_000)),
        (0..500_000).fold("<p ".to_owned(), |page, at| page + &format!("a{at} ")),
        (0..500_000).fold("<p".to_owned(), |page, at| page + &format!("/a<{at}")),
    ] {
        let _ = extract(&odd);
    }
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(extract("</p></div>a</b>").unwrap().text, "a");
}
