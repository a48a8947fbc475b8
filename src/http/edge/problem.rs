//! Refusals as RFC 9457 problems: the only place where a [`Refusal`] becomes a response.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

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

/// Converts a refusal into a response in the form of RFC 9457.
pub(crate) fn response(refusal: &Refusal, request_id: &str) -> HttpResponse {
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
    let detail = |name: &str| {
        refusal
            .details
            .as_ref()
            .and_then(|details| details[name].as_str())
    };
    if let Some(allow) = detail("allow") {
        builder.insert_header((header::ALLOW, allow));
    }
    builder.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    builder.content_type(PROBLEM_JSON).json(Problem {
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
