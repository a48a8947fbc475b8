//! `/docs/`: the REST reference, generated from the OpenAPI document as plain HTML. It can be read
//! without scripts, by keyboard and by a screen reader, and loads nothing from other hosts.
//!
//! Swagger UI is not used: it nests buttons, has no landmarks, and has colours that are hard to
//! read.

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web;
use bytes::Bytes;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use crate::protocol::error::Refusal;

use super::json::{list, members, prose, text};
use super::openapi::Document;
use super::schema;

const STYLE: &str = include_str!("style.css");

/// The methods in the order in which the page lists them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The page and its document. Each is written for the first client that asks for it, and only once.
pub(crate) struct Reference {
    collected: web::Data<Document>,
    page: OnceLock<Option<Bytes>>,
    document: OnceLock<Option<Bytes>>,
}

impl Reference {
    pub(crate) fn of(collected: web::Data<Document>) -> Self {
        Self {
            collected,
            page: OnceLock::new(),
            document: OnceLock::new(),
        }
    }

    fn value(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self.collected.inner())
    }

    fn page(&self) -> Result<Bytes, Refusal> {
        let write = || Ok(page(&self.value()?).into_string().into());
        written(&self.page, write)
    }

    fn document(&self) -> Result<Bytes, Refusal> {
        let write = || Ok(serde_json::to_vec(&self.value()?)?.into());
        written(&self.document, write)
    }
}

/// Returns what is kept, after writing it if nothing is.
fn written(
    kept: &OnceLock<Option<Bytes>>,
    write: impl FnOnce() -> serde_json::Result<Bytes>,
) -> Result<Bytes, Refusal> {
    let written = kept.get_or_init(|| {
        write()
            .inspect_err(|error| tracing::error!(%error, "the reference can't be written"))
            .ok()
    });
    written.clone().ok_or_else(Refusal::internal)
}

/// Redirects `/docs` to `/docs/`, to which the page's own links are relative.
pub(crate) async fn moved() -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

pub(crate) async fn reference(reference: web::Data<Reference>) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(reference.page()?))
}

pub(crate) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(STYLE)
}

/// Serves the OpenAPI document from which the page was generated.
pub(crate) async fn document(reference: web::Data<Reference>) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(reference.document()?))
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
