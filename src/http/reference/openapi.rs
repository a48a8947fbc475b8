//! The OpenAPI document: the descriptions of the handlers, and the answers that all of them share.

use actix_web::App;
use actix_web::http::Method;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, PathItem, Ref, RefOr};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_actix_web::AppExt;

use crate::protocol::error::{ErrorCode, FieldError};
use crate::protocol::rest::{Login, Problem};

use crate::http::BASE;
use crate::http::edge::problem::PROBLEM_JSON;
use crate::http::edge::scopes::needs;
use crate::http::resources;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "LLM Judge Auditor",
        description = "Audits a language model's output against its source. Events of a run are \
            streamed over the WebSocket at `/ws`, whose messages are described in \
            the document at `/api/v1/asyncapi.json`, and as server-sent events."
    ),
    components(schemas(Problem, ErrorCode, FieldError, Login)),
    tags(
        (name = "accounts", description = "Accounts and tokens"),
        (name = "keys", description = "API keys, for programs"),
        (name = "evaluations", description = "Evaluations, their runs and their logs"),
        (name = "judges", description = "The configured judges"),
        (name = "collections", description = "A user's own documents, for retrieval"),
        (name = "health", description = "The state of the process, for monitoring"),
    )
)]
struct Base;

/// The OpenAPI document, which is collected once.
pub(crate) struct Document(OpenApi);

impl Document {
    /// Collects the document from the handlers.
    pub(crate) fn collect() -> Self {
        let app = App::new()
            .into_utoipa_app()
            .openapi(Base::openapi())
            .configure(resources::described);
        let (_, mut document) = app.split_for_parts();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The access token of a login (a JWT), or an API key (`ja_…`). `x-scope` of an operation is \
                 the scope that a key needs; `login` means that no key is accepted. `audit` includes `read`, and \
                 `manage` includes both.",
            ))
            .build();
        let bearer = SecurityScheme::Http(bearer);
        document
            .components
            .get_or_insert_with(Components::new)
            .add_security_scheme("bearer", bearer);
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations_mut(item) {
                if is_secured(operation) {
                    add_scope(operation, method, path);
                }
                add_shared_answers(operation);
            }
        }
        Self(document)
    }

    pub(super) fn inner(&self) -> &OpenApi {
        &self.0
    }

    /// Returns the methods of the resource at `path`, or `None` where there is no such resource.
    pub(crate) fn methods(&self, path: &str) -> Option<Vec<&'static str>> {
        let item = self.item(path)?;
        let named = [
            ("GET", &item.get),
            ("PUT", &item.put),
            ("POST", &item.post),
            ("DELETE", &item.delete),
            ("PATCH", &item.patch),
        ];
        let mut methods: Vec<_> = named
            .into_iter()
            .filter(|(_, operation)| operation.is_some())
            .map(|(name, _)| name)
            .collect();
        // HEAD is served wherever GET is; see `framing`.
        if methods.first() == Some(&"GET") {
            methods.insert(1, "HEAD");
        }
        Some(methods)
    }

    /// Returns the query parameters that `method` takes at `path`, or `None` where there is no such
    /// operation.
    pub(super) fn parameters(&self, path: &str, method: &Method) -> Option<Parameters<'_>> {
        let item = self.item(path)?;
        let operation = match *method {
            Method::GET => &item.get,
            Method::PUT => &item.put,
            Method::POST => &item.post,
            Method::DELETE => &item.delete,
            Method::PATCH => &item.patch,
            _ => return None,
        };
        let operation = operation.as_ref()?;
        let all = operation.parameters.iter().flatten();
        let names = all.filter_map(|parameter| match parameter {
            RefOr::T(parameter) if matches!(parameter.parameter_in, ParameterIn::Query) => {
                Some(parameter.name.as_str())
            }
            _ => None,
        });
        Some(Parameters {
            known: names.collect(),
            secured: is_secured(operation),
        })
    }

    fn item(&self, path: &str) -> Option<&PathItem> {
        let fitting = self.0.paths.paths.iter();
        // If several templates match, the router takes the one with the fewest placeholders.
        fitting
            .filter(|(template, _)| fits(template, path))
            .min_by_key(|(template, _)| template.matches('{').count())
            .map(|(_, item)| item)
    }
}

/// The query parameters of an operation.
pub(super) struct Parameters<'a> {
    pub(super) known: Vec<&'a str>,
    /// True if the operation requires authentication.
    pub(super) secured: bool,
}

fn is_secured(operation: &Operation) -> bool {
    let needs = operation.security.as_ref();
    needs.is_some_and(|needs| !needs.is_empty())
}

fn fits(template: &str, path: &str) -> bool {
    let (mut left, mut right) = (template.split('/'), path.split('/'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(expected), Some(found)) => {
                let hole = expected.starts_with('{') && !found.is_empty();
                if !hole && expected != found {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("DELETE", &mut item.delete),
        ("PATCH", &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds the scope that an API key needs for an operation.
fn add_scope(operation: &mut Operation, method: &str, path: &str) {
    let needs = needs(method, path.strip_prefix(BASE).unwrap_or_default());
    let scope = Extensions::builder().add("x-scope", needs.as_str()).build();
    operation.extensions.get_or_insert_default().merge(scope);
}

/// Returns the answers of the middleware around a handler: each with its status, whether it applies
/// to the operation, and its description.
fn shared_answers(operation: &Operation) -> [(&'static str, bool, &'static str); 11] {
    let has = |place: fn(&ParameterIn) -> bool| {
        operation
            .parameters
            .iter()
            .flatten()
            .any(|parameter| match parameter {
                RefOr::T(parameter) => place(&parameter.parameter_in),
                RefOr::Ref(_) => false,
            })
    };
    let in_path = has(|place| matches!(place, ParameterIn::Path));
    let in_query = has(|place| matches!(place, ParameterIn::Query));
    let secured = is_secured(operation);
    let body = operation.request_body.is_some();
    [
        (
            "400",
            body || in_path || in_query,
            "`bad_request`: the request cannot be read",
        ),
        ("401", secured, "`unauthenticated` or `token_expired`"),
        (
            "404",
            in_path,
            "`not_found`: it does not exist, or belongs to another account",
        ),
        (
            "408",
            body,
            "`bad_request`: the body did not arrive in time",
        ),
        ("413", body, "`payload_too_large`"),
        (
            "415",
            body,
            "`bad_request`: the content type is not supported",
        ),
        (
            "422",
            true,
            "`validation`: `errors` lists each value that is not allowed",
        ),
        (
            "403",
            true,
            if secured {
                "`forbidden`: the scopes of the API key do not allow it, or `Host` is not a name of the \
                 server"
            } else {
                "`forbidden`: `Host` is not a name of the server"
            },
        ),
        (
            "429",
            // An API key may have a rate of its own.
            secured || body || in_path,
            "`rate_limited`: try again after `Retry-After`",
        ),
        ("500", true, "`internal`"),
        (
            "503",
            true,
            "`overloaded` or `draining`: try again after `Retry-After`",
        ),
    ]
}

/// Adds the answers and headers of the middleware around every handler, and gives every error the
/// schema of a problem.
fn add_shared_answers(operation: &mut Operation) {
    let shared = shared_answers(operation);
    let answers = &mut operation.responses.responses;
    for (status, applies, description) in shared {
        if applies && !answers.contains_key(status) {
            let response = ResponseBuilder::new().description(description).build();
            answers.insert(status.to_owned(), RefOr::T(response));
        }
    }
    let problem = || {
        let schema = Ref::from_schema_name(Problem::name());
        ContentBuilder::new().schema(Some(schema)).build()
    };
    for (status, answer) in answers.iter_mut() {
        let RefOr::T(response) = answer else { continue };
        let mut add_header = |name: &str, header| {
            response.headers.insert(name.to_owned(), RefOr::T(header));
        };
        add_header(
            "X-Request-Id",
            header(Type::String, "The id of the request in the server's log"),
        );
        if ["429", "500", "503"].contains(&status.as_str()) {
            let retry_after = header(
                Type::Integer,
                "The time after which to try again, in seconds",
            );
            add_header("Retry-After", retry_after);
        }
        if status.starts_with(['4', '5']) {
            response
                .content
                .insert(PROBLEM_JSON.to_owned(), RefOr::T(problem()));
        }
    }
}

fn header(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(SchemaType::Type(kind));
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(description))
        .build()
}

#[cfg(test)]
#[path = "tests/openapi.rs"]
mod tests;
