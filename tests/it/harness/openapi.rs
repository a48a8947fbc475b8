//! The OpenAPI document against what was really answered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::http::{BASE, Door};

/// Fails the test if a call was answered with something that the document does not list.
pub(crate) async fn lists_every_answer(door: &Door) {
    let calls: BTreeSet<_> = door.calls().into_iter().collect();
    let document = door.get("/openapi.json").await.has(200).json();
    let mut missing = Vec::new();
    for call in calls {
        let Some(path) = call.path.strip_prefix(BASE) else {
            continue;
        };
        // What a browser asks before a page's request is no operation of the resource.
        if ["/openapi.json", "/asyncapi.json"].contains(&path) || call.method == "OPTIONS" {
            continue;
        }
        let operations = operations(&document, &call.path, path);
        let Some(operations) = operations else {
            // A path that nobody serves is not documented, on purpose.
            if call.status != 404 {
                missing.push(format!("{call:?}: no such path"));
            }
            continue;
        };
        // HEAD is answered wherever GET is, by the same description.
        let method = call.method.to_lowercase();
        let operation = &operations[if method == "head" { "get" } else { &method }];
        let listed = operation["responses"][call.status.to_string()].is_object();
        if !listed && call.status != 405 {
            missing.push(format!("{call:?}: not listed"));
        }
    }
    assert!(
        missing.is_empty(),
        "the OpenAPI document lacks {missing:#?}"
    );
}

/// The operations of the template that fits; the most literal one where several do.
fn operations<'a>(document: &'a Value, whole: &str, below_base: &str) -> Option<&'a Value> {
    let paths = document["paths"]
        .as_object()
        .expect("an OpenAPI document has paths");
    paths
        .iter()
        .filter(|(template, _)| fits(template, whole) || fits(template, below_base))
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(_, operations)| operations)
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted.starts_with('{') || wanted == given => {}
            _ => return false,
        }
    }
}

#[test]
fn a_template_fits_its_paths_only() {
    assert!(fits("/evaluations/{id}/events", "/evaluations/0190/events"));
    assert!(!fits("/evaluations/{id}", "/evaluations/0190/events"));
    assert!(!fits("/evaluations/{id}/start", "/evaluations/0190/events"));
}
