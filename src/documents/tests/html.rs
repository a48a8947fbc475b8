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
fn figures_above_and_below_the_line_are_kept_apart_and_footnotes_marks_are_left_out() {
    for (page, text) in [
        ("4 × 10<sup>6</sup> litres", "4 × 10⁶ litres"),
        ("10<sup>&minus;3</sup> m", "10⁻³ m"),
        ("30 km<sup><b>2</b></sup>.", "30 km²."),
        ("CO<sub>2</sub> and x<sub>max</sub>", "CO₂ and xmax"),
        ("in 1988<sup>12</sup>, and", "in 1988, and"),
        (
            "the owner<sup><a href='#n'>3</a></sup> died",
            "the owner died",
        ),
        ("the owner.<sup class=x>[3]</sup> He", "the owner. He"),
        ("the 1<sup>st</sup> mill", "the 1st mill"),
        ("10<sup>6<p>litres", "10⁶\n\nlitres"),
        ("10<sup>6", "10⁶"),
    ] {
        assert_eq!(extract(page).unwrap().text, text, "{page}");
    }
}

#[test]
fn what_is_struck_out_is_no_text() {
    for page in [
        "It costs <del>12</del> 15 euros.",
        "It costs <s>12</s> 15 euros.",
        "It costs <strike>12</strike> 15 euros.",
        "It costs <span style='text-decoration: line-through red'>12</span> 15 euros.",
        "It costs <ins>15 euros</ins>.",
    ] {
        assert_eq!(extract(page).unwrap().text, "It costs 15 euros.", "{page}");
    }
}

#[test]
fn a_row_is_one_line_whatever_stands_in_its_cells() {
    let page = "<table><tr><th><p>Plan</p></th><th><p>Price</p></th></tr>\
        <tr><td><p>Plus</p><p>new</p></td><td><div>19 euros</div></td></tr>\
        <tr><td>Max<td><ul><li>39 euros<li>9 lines</ul></table><p>End";
    assert_eq!(
        extract(page).unwrap().text,
        "Plan | Price\nPlus new | 19 euros\nMax | 39 euros - 9 lines\n\nEnd"
    );
    // A page that is laid out as a table keeps its paragraphs.
    let long = format!("<p>{}</p>", "The mill is old. ".repeat(150));
    let page = format!(
        "<table><tr><td>Home</td><td>{long}{long}<table><tr><td>a<td>b</table></td></table>c"
    );
    let text = extract(&page).unwrap().text;
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 5, "{text}");
    assert_eq!(
        (paragraphs[0], paragraphs[3], paragraphs[4]),
        ("Home", "a | b", "c")
    );
}

#[test]
fn the_comparisons_of_all_attributes_are_bounded() {
    let tag = format!("<p {}>", "a=1 ".repeat(MAX_PARTED / 3));
    let most = MAX_COMPARED / (MAX_PARTED * MAX_PARTED / 3);
    assert!(extract(&tag.repeat(2)).is_ok());
    assert_eq!(extract(&tag.repeat(4 * most)), Err(ExtractError::TooMuch));
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
        "<a href='".to_owned() + &"x".repeat(200_000),
        "<script>".to_owned() + &"<".repeat(200_000),
        format!("<p {}>", "a=1 ".repeat(2_000)),
        (0..200_000).fold("<p ".to_owned(), |page, at| page + &format!("a{at} ")),
        (0..200_000).fold("<p".to_owned(), |page, at| page + &format!("/a<{at}")),
    ] {
        let _ = extract(&odd);
    }
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(extract("</p></div>a</b>").unwrap().text, "a");
}
