//! Compresses answers with gzip where the client accepts it and the whole answer is in memory.
//!
//! The framework's `Compress` is not used, because it would hold back the events of a stream until
//! they fill a block. Compression can leak a secret that stands in the same answer as text of an
//! attacker (BREACH). That is no concern here: no answer repeats the token, which comes in a
//! header, beside text of others.

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

/// Answers of fewer bytes are not compressed, since they fit into a packet or two as they are.
const WORTH_BYTES: u64 = 1 << 10;

/// Larger answers are compressed on another thread, so that this one can serve other connections
/// meanwhile.
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

/// Compresses `bytes` with gzip.
pub(crate) fn gzip(bytes: &[u8], level: Compression) -> io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish().map(Bytes::from)
}

/// Returns whether the answer is text that this program made on the fly. A tag or an encoding shows
/// that the handler has prepared the bytes itself.
fn is_text(headers: &HeaderMap) -> bool {
    let prepared =
        headers.contains_key(header::CONTENT_ENCODING) || headers.contains_key(header::ETAG);
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    !prepared && (kind.starts_with("application/json") || kind.starts_with("text/"))
}
