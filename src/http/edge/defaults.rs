//! Default headers of answers: private answers are not cached, and the reference page may neither
//! be framed nor load anything from other hosts.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue, X_FRAME_OPTIONS};
use actix_web::middleware::Next;

/// Content security policy of the reference page, which has one style sheet and an empty icon.
const DOCS_POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

pub(crate) async fn with_defaults(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let path = request.path();
    let documents = path == "/docs" || path.starts_with("/docs/");
    let public = documents || path.ends_with("api.json");
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if !public && !headers.contains_key(header::CACHE_CONTROL) {
        let nowhere = HeaderValue::from_static("no-store");
        headers.insert(header::CACHE_CONTROL, nowhere);
    }
    if documents {
        let policy = HeaderValue::from_static(DOCS_POLICY);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        // For old browsers that do not know `frame-ancestors`.
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    Ok(response)
}
