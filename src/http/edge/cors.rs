//! Cross-origin resource sharing (CORS): pages that may open a socket may also read answers.
//!
//! `actix-cors` is not used: it answers a preflight with 200, tells every origin which headers it
//! exposes, and refuses in a form that is no problem of RFC 9457.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use crate::service::Service;

use super::origin;
use crate::http::MCP;

/// Methods and headers that pages of other origins may send.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, last-event-id";

/// Headers that a client of MCP sends, in either revision. None of the tools has a parameter that is
/// mirrored in a header, and without sessions there is none to expose.
const MCP_HEADERS: &str = "authorization, content-type, last-event-id, mcp-protocol-version, mcp-session-id, \
    mcp-method, mcp-name";

/// Response headers that pages may read beside those that browsers always expose.
const EXPOSED: &str = "X-Request-Id, Retry-After, Location, Content-Disposition";

/// Time for which a browser may cache a preflight's answer, in seconds.
const MAX_AGE: &str = "600";

/// Answers the preflight that a browser sends before a page's request.
pub(crate) async fn preflight(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || admitted(&request).is_none() {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let headers = if request.path() == MCP {
        MCP_HEADERS
    } else {
        HEADERS
    };
    let answer = HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish();
    Ok(request.into_response(answer).map_into_right_body())
}

/// Adds the headers that let an admitted page read the answer. This layer stands outside the one
/// that shapes errors, so that pages can read those too.
pub(crate) async fn readable(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let origin = admitted(&request);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    // Also set where no page asks: a shared cache would otherwise give a page an answer that it
    // kept of another's request.
    vary_on(headers, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    Ok(response)
}

/// Adds a name to the header `Vary`.
pub(crate) fn vary_on(headers: &mut HeaderMap, name: HeaderValue) {
    headers.append(header::VARY, name);
}

/// Returns the origin of the page that sent the request, if that page may read the answer.
fn admitted(request: &ServiceRequest) -> Option<HeaderValue> {
    let service = request.app_data::<web::Data<Service>>()?;
    let admitted = origin::admitted(request.request(), &service.config.server)?;
    admitted
        .then(|| request.headers().get(header::ORIGIN).cloned())
        .flatten()
}
