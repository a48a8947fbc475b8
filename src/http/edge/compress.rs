//! Answers in gzip, where the client takes it and the whole answer is there.
//!
//! Not by the framework's `Compress`: it would hold an event stream's events back until they fill a block.
//! That compression tells something of a secret beside a text that an attacker chose (BREACH) is no concern
//! here: no answer repeats the token, which comes in a header, beside what others wrote.

use std::io::{self, Write};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::accept::takes_gzip;
use super::cors::vary_on;

/// Smaller answers fit into a packet or two as they are.
const WORTH_BYTES: u64 = 1 << 10;

/// Larger ones are compressed on another thread: this one serves other connections meanwhile.
const SLOW_BYTES: u64 = 32 << 10;

pub(crate) async fn compressed(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let wanted = takes_gzip(request.request());
    let response = next.call(request).await?.map_into_boxed_body();
    let size = match response.response().body().size() {
        BodySize::Sized(size) if size >= WORTH_BYTES => size,
        _ => return Ok(response),
    };
    if response.response().error().is_some() || !is_text(response.headers()) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let encoding = HeaderValue::from_static("Accept-Encoding");
    vary_on(response.headers_mut(), encoding);
    let body = match body.try_into_bytes() {
        Ok(whole) if wanted => match packed(whole.clone(), size).await {
            Ok(packed) => {
                let gzip = HeaderValue::from_static("gzip");
                response
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, gzip);
                BoxBody::new(packed)
            }
            Err(error) => {
                tracing::warn!(%error, "an answer can't be compressed");
                BoxBody::new(whole)
            }
        },
        Ok(whole) => BoxBody::new(whole),
        Err(body) => body,
    };
    Ok(ServiceResponse::new(request, response.set_body(body)))
}

async fn packed(whole: Bytes, size: u64) -> io::Result<Bytes> {
    if size < SLOW_BYTES {
        return gzip(&whole, Compression::fast());
    }
    tokio::task::spawn_blocking(move || gzip(&whole, Compression::fast()))
        .await
        .map_err(io::Error::other)?
}

/// The bytes in gzip.
pub(crate) fn gzip(bytes: &[u8], level: Compression) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish().map(Bytes::from)
}

/// Whether the answer is a text of ours. What has a tag or an encoding was prepared by whoever made it.
fn is_text(headers: &HeaderMap) -> bool {
    let prepared =
        headers.contains_key(header::CONTENT_ENCODING) || headers.contains_key(header::ETAG);
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    !prepared && (kind.starts_with("application/json") || kind.starts_with("text/"))
}
