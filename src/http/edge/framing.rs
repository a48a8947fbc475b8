//! HEAD wherever there is GET, and clients of HTTP/1.0, to whom a body has no chunks.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, Method, Version};
use actix_web::middleware::Next;

/// Answers HEAD as GET, whose body the server then leaves out; ends the body of an old client with its
/// connection.
pub(crate) async fn framed(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let head = request.method() == Method::HEAD;
    if head {
        request.head_mut().method = Method::GET;
    }
    let old = request.version() < Version::HTTP_11;
    let mut response = next.call(request).await?.map_into_boxed_body();
    if response.response().body().size() != BodySize::Stream {
        return Ok(response);
    }
    if head {
        // A stream would be waited for, though nothing of it is sent.
        return Ok(response.map_body(|_, _| BoxBody::new(())));
    }
    if old {
        let answer = response.response_mut().head_mut();
        answer.no_chunking(true);
        answer.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
