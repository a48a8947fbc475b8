use super::*;
use crate::http::edge::scopes::ROUTES;

#[test]
fn the_document_knows_every_resource_and_its_methods() {
    let document = Document::collect();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let cases = [
        ("/api/v1/auth/login".to_owned(), Some(vec!["POST"])),
        (
            "/api/v1/evaluations".to_owned(),
            Some(vec!["GET", "HEAD", "POST"]),
        ),
        (
            format!("/api/v1/evaluations/{id}"),
            Some(vec!["GET", "HEAD", "DELETE", "PATCH"]),
        ),
        (
            format!("/api/v1/evaluations/{id}/start"),
            Some(vec!["POST"]),
        ),
        (format!("/api/v1/evaluations/{id}/nothing"), None),
        ("/api/v1/evaluations/".to_owned(), None),
        ("/healthz".to_owned(), Some(vec!["GET", "HEAD"])),
    ];
    for (path, methods) in cases {
        assert_eq!(document.methods(&path), methods, "{path}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut names = std::collections::BTreeSet::new();
    for item in Document::collect().0.paths.paths.values_mut() {
        for (_, operation) in operations_mut(item) {
            let name = operation.operation_id.clone().unwrap();
            assert!(names.insert(name.clone()), "{name} twice");
        }
    }
    assert!(names.len() > 20, "{names:?}");
}

#[test]
fn every_error_is_a_problem_and_every_private_resource_says_401() {
    for (path, item) in &mut Document::collect().0.paths.paths {
        for (_, operation) in operations_mut(item) {
            for (status, answer) in &operation.responses.responses {
                let RefOr::T(answer) = answer else {
                    panic!("{path} refers")
                };
                let is_error = status.starts_with(['4', '5']);
                assert_eq!(
                    answer.content.contains_key(PROBLEM_JSON),
                    is_error,
                    "{path} {status}"
                );
            }
            let secured = operation.security.is_some();
            assert!(
                !secured || operation.responses.responses.contains_key("401"),
                "{path}"
            );
            // An API key may have a rate of its own.
            assert!(
                !secured || operation.responses.responses.contains_key("429"),
                "{path}"
            );
        }
    }
}

#[test]
fn every_private_operation_says_which_scope_a_key_needs_and_the_table_has_no_other() {
    let mut documented = std::collections::BTreeMap::new();
    for (path, item) in &mut Document::collect().0.paths.paths {
        for (method, operation) in operations_mut(item) {
            let extensions = operation.extensions.as_ref();
            let scope = extensions.and_then(|known| known.get("x-scope"));
            assert_eq!(scope.is_some(), is_secured(operation), "{method} {path}");
            if let (Some(scope), Some(path)) = (scope, path.strip_prefix(BASE)) {
                let scope = scope.as_str().unwrap().to_owned();
                documented.insert((method, path.to_owned()), scope);
            }
        }
    }
    let table: std::collections::BTreeMap<_, _> = ROUTES
        .iter()
        .map(|(method, path, needs)| ((*method, (*path).to_owned()), needs.as_str().to_owned()))
        .collect();
    assert_eq!(documented, table);
}
