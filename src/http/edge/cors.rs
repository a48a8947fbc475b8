//! Which pages of other origins may read what the server answers (CORS): those that may open a socket.
//!
//! Not by `actix-cors`: it answers a preflight with 200, tells every origin which headers it exposes, and
//! refuses in a form that is no problem of RFC 9457.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use crate::service::Service;

use super::origin;

/// What pages may send.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "authorization, content-type, idempotency-key, last-event-id";

/// What pages may read beside what browsers always show them.
const EXPOSED: &str = "X-Request-Id, Retry-After, Location, Content-Disposition";

/// For how long a browser may remember a preflight, in seconds.
const MAX_AGE: &str = "600";

/// Answers the question that a browser asks before it sends a request of a page.
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
    let answer = HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish();
    Ok(request.into_response(answer).map_into_right_body())
}

/// Lets a page read the answer, whatever it is. Around what gives errors their shape.
pub(crate) async fn readable(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let origin = admitted(&request);
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    // Also where no page asks: a cache would give a page what it has kept of another's request.
    vary_on(headers, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    Ok(response)
}

/// Adds to what an answer depends on.
pub(crate) fn vary_on(headers: &mut HeaderMap, name: HeaderValue) {
    headers.append(header::VARY, name);
}

/// The origin of the page that sent the request, if it may read the answer.
fn admitted(request: &ServiceRequest) -> Option<HeaderValue> {
    let service = request.app_data::<web::Data<Service>>()?;
    let admitted = origin::admitted(request.request(), &service.config.server)?;
    admitted
        .then(|| request.headers().get(header::ORIGIN).cloned())
        .flatten()
}
