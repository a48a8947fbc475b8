//! Refuses query parameters that a resource does not have: a misspelled filter would otherwise
//! silently have no effect.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web;

use crate::protocol::error::{FieldError, Refusal};

use super::openapi::{Document, Parameters};

/// Longest name that an error repeats, in bytes.
const MAX_NAMED_BYTES: usize = 100;

/// Middleware that refuses a query with a parameter that the document of the resource does not
/// list.
pub(crate) async fn known_parameters(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let faults = faults(&request);
    if faults.is_empty() {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let refusal = Refusal::invalid(faults);
    Ok(request.error_response(refusal).map_into_right_body())
}

fn faults(request: &ServiceRequest) -> Vec<FieldError> {
    let query = request.query_string();
    if query.is_empty() {
        return Vec::new();
    }
    let document = request.app_data::<web::Data<Document>>();
    let Some(Parameters { known, secured }) =
        document.and_then(|document| document.parameters(request.path(), request.method()))
    else {
        return Vec::new();
    };
    // A request without credentials gets the answer for that first: a token in the query is no
    // credential.
    if secured && !request.headers().contains_key(header::AUTHORIZATION) {
        return Vec::new();
    }
    let there_are = if known.is_empty() {
        "this address takes no parameters".to_owned()
    } else {
        format!(
            "there is no such parameter; there are: {}",
            known.join(", ")
        )
    };
    form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| !known.contains(&name.as_ref()))
        .map(|(name, _)| {
            let pointer = if name.len() > MAX_NAMED_BYTES {
                String::new()
            } else {
                format!("/{}", name.replace('~', "~0").replace('/', "~1"))
            };
            FieldError::new(pointer, there_are.clone())
        })
        // A person reads no more of them.
        .take(10)
        .collect()
}
