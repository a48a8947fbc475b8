//! The outermost middleware: gives each request an id, logs the request, and gives every error the
//! form of a problem.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, Accept, Header as _, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;
use tokio::time::Instant;
use tracing::Instrument;

use crate::domain::ids::Connection;
use crate::protocol::error::Refusal;
use crate::service::Service;
use crate::store::new_id;

use super::accept::wants_html;
use super::problem;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps the whole application. Logs method, path and status, but never the query or a header,
/// since those may hold tokens.
pub(crate) async fn request_id(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = new_id::<Connection>().to_string();
    let (method, path, began) = (
        request.method().clone(),
        loggable(request.path()),
        Instant::now(),
    );
    // Everything that is logged on behalf of the request, also by threads that compute or query the
    // database, carries the id that the client receives. The span has the level of errors, so that
    // no log filter removes it.
    let span = tracing::error_span!(
        "request",
        request_id = %id,
        %method,
        route = request.match_pattern(),
        user = tracing::field::Empty,
    );
    let response = next.call(request).instrument(span).await?;
    let response = response.map_into_boxed_body();
    let mut response = shaped(response, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let nosniff = HeaderValue::from_static("nosniff");
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    let (status, elapsed) = (response.status().as_u16(), began.elapsed());
    let request = response.request();
    // A path may be spelled so that it does not look like that of a share link, and still be routed
    // as one.
    let path = match request.match_pattern() {
        Some(pattern) if pattern.contains("{token}") => pattern,
        _ => path,
    };
    if let Some(service) = request.app_data::<web::Data<Service>>() {
        let route = request.match_pattern();
        service
            .metrics
            .answered(route.as_deref(), method.as_str(), status, elapsed);
    }
    if response.status().is_server_error() {
        tracing::warn!(request_id = %id, %method, %path, status, ?elapsed, "request failed");
    } else {
        tracing::debug!(request_id = %id, %method, %path, status, ?elapsed, "request");
    }
    Ok(response)
}

/// Returns the path without the token of a share link, however it is spelled: no other part of a
/// path is as long.
fn loggable(path: &str) -> String {
    const LINK: &str = "/shared/";
    const LONGEST: usize = 39;
    let path = path.find(LINK).map_or(path, |at| &path[..at + LINK.len()]);
    let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '%');
    let mut parts = Vec::new();
    for part in path.split_inclusive(|c| !of_token(c)) {
        let (run, end) = match part.chars().last() {
            Some(last) if !of_token(last) => part.split_at(part.len() - last.len_utf8()),
            _ => (part, ""),
        };
        parts.push(if run.len() > LONGEST { "…" } else { run });
        parts.push(end);
    }
    parts.concat()
}

fn shaped(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let refusal = match error.as_error::<Refusal>() {
        Some(refusal) => refusal.clone(),
        None => {
            // `ResponseError::status_code` is not used, because some errors of the framework leave
            // it at 500.
            let status = error.error_response().status();
            if status.is_server_error() {
                tracing::error!(request_id = %id, %error, "a request broke");
            }
            problem::foreign(status)
        }
    };
    let (request, _) = response.into_parts();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let answer = if reads && wants_html(Accept::parse(&request).ok()) {
        problem::page(&refusal, id)
    } else {
        problem::response(&refusal, id)
    };
    ServiceResponse::new(request, answer)
}

#[cfg(test)]
#[path = "tests/request_id.rs"]
mod tests;
