//! Converts refusals to RFC 9457 problems, or to a page for browsers: the only place where a
//! [`Refusal`] becomes a response.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::protocol::error::{ErrorCode, Finer, Refusal};
use crate::protocol::rest::Problem;

/// The media type of RFC 9457.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Has no request id, which only the middleware knows; the middleware calls [`response`]
    /// instead.
    fn error_response(&self) -> HttpResponse {
        response(self, "")
    }
}

/// The style of the page. The content security policy allows it by its hash, and nothing else.
const STYLE: &str = ":root{color-scheme:light dark}body{max-width:40rem;margin:15vh auto 0;padding:0 1rem;\
    font:1rem/1.5 system-ui,sans-serif}h1{font-size:1.6rem}p.small{font-size:.85rem;opacity:.75}";

/// Converts a refusal into a response in the form of RFC 9457.
pub(crate) fn response(refusal: &Refusal, request_id: &str) -> HttpResponse {
    let detail = |name: &str| {
        refusal
            .details
            .as_ref()
            .and_then(|details| details[name].as_str())
    };
    begun(refusal).content_type(PROBLEM_JSON).json(Problem {
        kind: format!("/problems/{}", refusal.code.as_str()),
        title: refusal.code.title(),
        status: refusal.http_status(),
        detail: refusal.message.to_string(),
        code: refusal.code.as_str(),
        request_id: request_id.to_owned(),
        run_id: detail("run_id").map(ToOwned::to_owned),
        errors: refusal.fields.clone(),
    })
}

/// Converts a refusal into a page, for people who open a wrong address in a browser.
pub(crate) fn page(refusal: &Refusal, request_id: &str) -> HttpResponse {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let (title, advice) = match refusal.code {
        ErrorCode::NotFound => (
            "There is no such page",
            "The address may have a mistake in it, or what was there was deleted.",
        ),
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired => (
            "You are not logged in here",
            "This address is for programs. The page asks you to log in.",
        ),
        ErrorCode::RateLimited => (
            "That was too often in too short a time",
            "Wait a moment, then load this page again.",
        ),
        ErrorCode::Overloaded | ErrorCode::Draining => (
            "The server is busy",
            "Wait a moment, then load this page again.",
        ),
        ErrorCode::Internal => (
            "Something broke on the server",
            "It has been noted there. Whoever runs the server finds it by the number below.",
        ),
        _ => (
            "This did not work",
            "This address is for programs, and does not take what the browser sent.",
        ),
    };
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Judge Auditor" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p { (advice) }
                    p { a href="/" { "Go to Judge Auditor" } }
                    p.small { "Request " (request_id) }
                }
            }
        }
    };
    begun(refusal)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::VARY, HeaderValue::from_static("Accept")))
        .body(markup.into_string())
}

/// Starts a response with the status and headers that a page and a problem have in common.
fn begun(refusal: &Refusal) -> HttpResponseBuilder {
    let mut builder = HttpResponseBuilder::new(refusal.status_code());
    if let Some(wait) = refusal.retry_after {
        // The header `Retry-After` has whole seconds; rounding down would ask clients to come back
        // too early.
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        builder.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    match refusal.code {
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired => {
            let challenge = HeaderValue::from_static("Bearer");
            builder.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        _ => {}
    }
    if refusal.http_status() == 426 {
        builder.insert_header((header::UPGRADE, HeaderValue::from_static("websocket")));
        builder.insert_header((header::SEC_WEBSOCKET_VERSION, "13"));
    }
    let details = refusal.details.as_ref();
    if let Some(allow) = details.and_then(|details| details["allow"].as_str()) {
        builder.insert_header((header::ALLOW, allow));
    }
    builder.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    builder
}

/// Converts an error of the framework itself into a refusal.
pub(crate) fn foreign(status: StatusCode) -> Refusal {
    let code = match status {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
        status if status.is_client_error() => ErrorCode::BadRequest,
        _ => ErrorCode::Internal,
    };
    match (code, Finer::of(code, status.as_u16())) {
        (ErrorCode::Internal, _) => Refusal::internal(),
        (code, Some(finer)) => Refusal::finer(finer, code.title()),
        (code, None) => Refusal::new(code, code.title()),
    }
}

#[cfg(test)]
#[path = "tests/problem.rs"]
mod tests;
