use super::*;

#[test]
fn the_page_tells_every_operation_and_every_schema_and_links_lead_somewhere() {
    let document = Document::collect();
    let value = serde_json::to_value(document.inner()).unwrap();
    let page = page(&value).into_string();
    let operations = operations(&value);
    assert!(operations.len() > 20);
    for operation in &operations {
        let heading = format!("<h3 id=\"{}\"><code>", operation.id());
        assert_eq!(page.matches(&heading).count(), 1, "{heading}");
        let tagged = list(operation.value, "tags").next().is_some();
        assert!(tagged, "{} is in no section", operation.path);
    }
    for (name, _) in members(&value["components"], "schemas") {
        assert!(
            page.contains(&format!("<h3 id=\"schema-{name}\">")),
            "{name}"
        );
    }
    let links = page.split("href=\"#").skip(1);
    let targets: Vec<&str> = links.filter_map(|rest| rest.split('"').next()).collect();
    assert!(targets.len() > 50);
    for target in targets {
        let place = format!("id=\"{target}\"");
        assert_eq!(page.matches(&place).count(), 1, "{target}");
    }
}

#[test]
fn a_description_is_text() {
    let shown = prose("a `<b>` & c").into_string();
    assert_eq!(shown, "a <code>&lt;b&gt;</code> &amp; c");
}
