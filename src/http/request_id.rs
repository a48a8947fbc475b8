//! The outermost layer: names each request, logs it, and gives every error its one shape.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;
use tokio::time::Instant;

use crate::domain::ids::Connection;
use crate::protocol::error::Refusal;
use crate::service::Service;
use crate::store::new_id;

use super::problem;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps the whole application. Logs method, path and status; never the query or a header, where
/// tokens could be.
pub async fn request_id(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = new_id::<Connection>().to_string();
    let (method, path, began) = (
        request.method().clone(),
        loggable(request.path()).to_owned(),
        Instant::now(),
    );
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = shaped(response, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let nosniff = HeaderValue::from_static("nosniff");
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    let (status, elapsed) = (response.status().as_u16(), began.elapsed());
    let request = response.request();
    // A path may be written so that it is not recognised as that of a link, and still be routed as one.
    let path = match request.match_pattern() {
        Some(pattern) if pattern.contains("{token}") => pattern,
        _ => path,
    };
    if let Some(service) = request.app_data::<web::Data<Service>>() {
        let route = request.match_pattern();
        service
            .meters
            .answered(route.as_deref(), method.as_str(), status, elapsed);
    }
    if response.status().is_server_error() {
        tracing::warn!(request_id = %id, %method, %path, status, ?elapsed, "request failed");
    } else {
        tracing::debug!(request_id = %id, %method, %path, status, ?elapsed, "request");
    }
    Ok(response)
}

/// A path without the token that a link ends with.
fn loggable(path: &str) -> &str {
    const LINK: &str = "/shared/";
    path.find(LINK).map_or(path, |at| &path[..at + LINK.len()])
}

fn shaped(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let refusal = match error.as_error::<Refusal>() {
        Some(refusal) => refusal.clone(),
        None => {
            // Not its status code, which some of the framework's errors leave at 500.
            let status = error.error_response().status();
            if status.is_server_error() {
                tracing::error!(request_id = %id, %error, "a request broke");
            }
            problem::foreign(status)
        }
    };
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, problem::response(&refusal, id))
}
