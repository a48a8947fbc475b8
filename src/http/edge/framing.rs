//! Answers HEAD wherever there is GET, and serves clients of HTTP/1.0, which do not know chunked
//! bodies.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{ConnectionType, Method, Version};
use actix_web::middleware::Next;

/// Routes HEAD to the handler of GET, whose body the server then leaves out, and ends the body of
/// an HTTP/1.0 client by closing the connection.
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
        // The body is dropped, since the server would otherwise wait for the end of a stream of
        // which it sends nothing.
        return Ok(response.map_body(|_, _| BoxBody::new(())));
    }
    if old {
        let answer = response.response_mut().head_mut();
        answer.no_chunking(true);
        answer.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
