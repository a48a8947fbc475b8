//! `/docs/`: the REST reference, generated from the OpenAPI document as plain HTML. It can be read
//! without scripts, by keyboard and by a screen reader, and loads nothing from other hosts.
//!
//! Swagger UI is not used: it nests buttons, has no landmarks, and has colours that are hard to
//! read.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web;
use bytes::Bytes;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::json::{list, members, prose, text};
use super::openapi::Document;
use super::schema;

const STYLE: &str = include_str!("style.css");

/// The methods in the order in which the page lists them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page and its document, both generated once.
#[derive(Clone)]
pub(crate) struct Reference {
    page: Bytes,
    document: Bytes,
}

impl Reference {
    /// Generates the page of a document.
    ///
    /// # Errors
    /// Fails if the document cannot be serialized.
    pub(crate) fn of(document: &Document) -> serde_json::Result<Self> {
        let value = serde_json::to_value(document.inner())?;
        Ok(Self {
            page: page(&value).into_string().into(),
            document: serde_json::to_vec(&value)?.into(),
        })
    }
}

/// Redirects `/docs` to `/docs/`, to which the page's own links are relative.
pub(crate) async fn moved() -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

pub(crate) async fn reference(reference: web::Data<Reference>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(reference.page.clone())
}

pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(STYLE)
}

/// Serves the OpenAPI document from which the page was generated.
pub(crate) async fn document(reference: web::Data<Reference>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(reference.document.clone())
}

struct Operation<'a> {
    path: &'a str,
    method: &'static str,
    value: &'a Value,
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(self.value, "operationId")
    }

    fn is_of(&self, tag: &str) -> bool {
        let mut tags = list(self.value, "tags");
        tags.any(|own| own == tag)
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    members(document, "paths")
        .flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                let value = item.get(method)?;
                Some(Operation {
                    path,
                    method,
                    value,
                })
            })
        })
        .collect()
}

/// Returns the tags with their descriptions: first those that the document describes, then the
/// others.
fn tags(document: &Value, operations: &[Operation<'_>]) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = list(document, "tags")
        .map(|tag| {
            (
                text(tag, "name").to_owned(),
                text(tag, "description").to_owned(),
            )
        })
        .collect();
    for operation in operations {
        for tag in list(operation.value, "tags").filter_map(Value::as_str) {
            if !tags.iter().any(|(known, _)| known == tag) {
                tags.push((tag.to_owned(), String::new()));
            }
        }
    }
    tags
}

fn page(document: &Value) -> Markup {
    let operations = operations(document);
    let tags = tags(document, &operations);
    let title = text(&document["info"], "title");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) ": reference" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/docs/reference.css";
            }
            body {
                header {
                    h1 { (title) " " (text(&document["info"], "version")) }
                    p { (prose(text(&document["info"], "description"))) }
                    p {
                        "The same as documents: " a href="/api/v1/openapi.json" { "openapi.json" } " (REST), "
                        a href="/api/v1/asyncapi.json" { "asyncapi.json" } " (the socket)."
                    }
                }
                nav aria-label="Contents" {
                    ul {
                        @for (tag, _) in &tags { li { a href={ "#section-" (tag) } { (tag) } } }
                        li { a href="#section-schemas" { "schemas" } }
                    }
                }
                main {
                    @for (tag, description) in &tags {
                        section aria-labelledby={ "section-" (tag) } {
                            h2 id={ "section-" (tag) } { (tag) }
                            @if !description.is_empty() { p { (prose(description)) } }
                            @for operation in operations.iter().filter(|one| one.is_of(tag)) {
                                (told(operation))
                            }
                        }
                    }
                    section aria-labelledby="section-schemas" {
                        h2 id="section-schemas" { "schemas" }
                        @for (name, value) in members(&document["components"], "schemas") {
                            article {
                                h3 id={ "schema-" (name) } { (name) }
                                (schema::whole(value))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn told(operation: &Operation<'_>) -> Markup {
    let value = operation.value;
    let parameters: Vec<&Value> = list(value, "parameters").collect();
    let private = list(value, "security").next().is_some();
    html! {
        article {
            h3 id=(operation.id()) {
                code { (operation.method.to_uppercase()) " " (operation.path) }
            }
            @for part in ["summary", "description"] {
                @if !text(value, part).is_empty() { p { (prose(text(value, part))) } }
            }
            @if private {
                p {
                    "Requires " code { "Authorization: Bearer …" } "; "
                    @match text(value, "x-scope") {
                        "login" => "API keys are not accepted.",
                        scope => { "an API key needs the scope " code { (scope) } "." }
                    }
                }
            }
            @if !parameters.is_empty() {
                h4 { "Parameters" }
                table {
                    thead { tr { th scope="col" { "name" } th scope="col" { "in" } th scope="col" { "type" } th scope="col" { "description" } } }
                    tbody {
                        @for parameter in parameters {
                            tr {
                                th scope="row" {
                                    code { (text(parameter, "name")) }
                                    @if parameter["required"] == true { " (required)" }
                                }
                                td { (text(parameter, "in")) }
                                td { (schema::brief(&parameter["schema"])) }
                                td { (prose(text(parameter, "description"))) }
                            }
                        }
                    }
                }
            }
            @if value.get("requestBody").is_some() {
                h4 { "Body" }
                (contents(&value["requestBody"]))
            }
            h4 { "Answers" }
            table {
                thead { tr { th scope="col" { "status" } th scope="col" { "meaning" } th scope="col" { "body" } } }
                tbody {
                    @for (status, answer) in members(value, "responses") {
                        tr {
                            th scope="row" { (status) }
                            td { (prose(text(answer, "description"))) }
                            td { (contents(answer)) }
                        }
                    }
                }
            }
        }
    }
}

/// Lists the media types of a body with their schemas.
fn contents(of: &Value) -> Markup {
    html! {
        ul {
            @for (kind, content) in members(of, "content") {
                li { code { (kind) } ": " (schema::brief(&content["schema"])) }
            }
        }
    }
}

#[cfg(test)]
#[path = "tests/html.rs"]
mod tests;
