//! Extractors for bodies, queries and paths whose refusals have the contract's shape. On a private
//! route each of them waits for the permission of the sender first.

use std::future::{Future, ready};
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::{Instant, timeout_at};

use crate::domain::ids::SessionId;
use crate::protocol::error::{ErrorCode, FieldError, Finer, Refusal, brief};
use crate::protocol::object::Object;
use crate::protocol::rest::{Login, LoginForm};
use crate::service::Service;

use super::address::client_address;
use super::auth::permitted;
use super::bodies::{Bodies, MAX_CREDENTIALS_BYTES};

/// Minimum rate of a body: so many bytes, or the rest if that is less, have to arrive within each
/// interval. A client that has stopped sending must not hold memory, and bytes that it sent earlier
/// do not extend its time.
const PORTION: usize = 20 << 10;
const PORTION_WITHIN: Duration = Duration::from_secs(10);

/// Maximum size of a JSON body, in bytes: 250,000 characters, each of which may be written as two
/// `\uXXXX`.
pub(crate) const MAX_BODY_BYTES: usize = 4 << 20;

/// Maximum size of an uploaded document, in bytes: a million characters, escaped, or a file with
/// its fonts.
pub(crate) const MAX_UPLOAD_BYTES: usize = 8 << 20;

/// A piece of a body (a chunk, or the content of one packet) of fewer bytes counts as small. A
/// small piece costs about as much work as a large one, so the number of small ones is bounded.
const SMALL_PIECE_BYTES: usize = 64;
const MAX_SMALL_PIECES: usize = 2000;

/// Maximum length of a field's name that an error repeats, in bytes. The names of real fields are
/// far shorter.
const MAX_NAMED_BYTES: usize = 100;

pub(crate) type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>>>>;

/// A JSON body of at most `MAX` bytes. Broken JSON is answered with 400, another content type with
/// 415, and a value that does not fit with 422 and a pointer to it.
pub(crate) struct Json<T, const MAX: usize = MAX_BODY_BYTES>(pub(crate) T);

impl<T: DeserializeOwned + 'static, const MAX: usize> FromRequest for Json<T, MAX> {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = has_type(request, "application/json");
        let body = read(request, payload, MAX);
        Box::pin(async move {
            let bytes = body.await?;
            if !is_json {
                return Err(unsupported("application/json"));
            }
            parse(&bytes).map(Self)
        })
    }
}

/// A JSON body that may be missing; the default value stands for it then.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = has_type(request, "application/json");
        let body = read(request, payload, MAX_BODY_BYTES);
        Box::pin(async move {
            let bytes = body.await?;
            if bytes.is_empty() {
                return Ok(Self(T::default()));
            }
            if !is_json {
                return Err(unsupported("application/json"));
            }
            // A client that has nothing to say may also send `null`.
            if bytes.trim_ascii() == b"null" {
                return Ok(Self(T::default()));
            }
            parse(&bytes).map(Self)
        })
    }
}

/// Credentials as JSON or as a form, of at most [`MAX_CREDENTIALS_BYTES`].
pub(crate) struct Credentials(pub(crate) Login);

impl FromRequest for Credentials {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = has_type(request, "application/json");
        let is_form = has_type(request, "application/x-www-form-urlencoded");
        let body = read(request, payload, MAX_CREDENTIALS_BYTES);
        Box::pin(async move {
            let bytes = body.await?;
            if is_json {
                parse(&bytes).map(Self)
            } else if is_form {
                let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8())?;
                fields::<LoginForm>(text).map(|form| Self(form.into()))
            } else {
                Err(unsupported(
                    "application/json or application/x-www-form-urlencoded",
                ))
            }
        })
    }
}

pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        once_permitted(request, fields(request.query_string()).map(Self))
    }
}

/// The evaluation's id in the path. A malformed id is answered with 404, as it names no evaluation.
pub(crate) struct EvaluationId(pub(crate) SessionId);

impl FromRequest for EvaluationId {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request
            .match_info()
            .get("id")
            .and_then(|text| SessionId::from_str(text).ok());
        once_permitted(request, id.map(Self).ok_or_else(Refusal::not_found))
    }
}

/// Hands on what was extracted, or why it could not be, once the sender's permission is known.
pub(crate) fn once_permitted<T: 'static>(
    request: &HttpRequest,
    extracted: Result<T, Refusal>,
) -> Extracting<T> {
    let permission = permitted(request);
    Box::pin(async move {
        permission.await?;
        extracted
    })
}

fn has_type(request: &HttpRequest, expected: &str) -> bool {
    request.content_type().trim().eq_ignore_ascii_case(expected)
}

/// Reads the whole body, of at most `max` bytes. They count against the allowances of [`Bodies`]
/// until the request is answered.
pub(crate) fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    max: usize,
) -> Extracting<web::Bytes> {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if declared.is_some_and(|length| length > max) {
        return once_permitted(request, Err(too_large(max)));
    }
    let Some((bodies, service)) = request
        .app_data::<web::Data<Bodies>>()
        .zip(request.app_data::<web::Data<Service>>())
    else {
        return Box::pin(ready(Err(Refusal::internal())));
    };
    let address = client_address(request, &service.config.server.trusted_proxies);
    let bodies = bodies.clone();
    let permission = permitted(request);
    let request = request.clone();
    let mut payload = payload.take();
    Box::pin(async move {
        permission.await?;
        let mut body = bodies.begin(address, max);
        let mut due = Instant::now() + PORTION_WITHIN;
        let mut of_portion = 0_usize;
        let mut small_pieces = 0_usize;
        let mut bytes = web::BytesMut::with_capacity(declared.unwrap_or(0).min(max));
        loop {
            let next = futures_util::StreamExt::next(&mut payload);
            let Ok(next) = timeout_at(due, next).await else {
                return Err(too_slow());
            };
            let Some(chunk) = next else { break };
            let chunk = chunk.map_err(|error| {
                Refusal::new(
                    ErrorCode::BadRequest,
                    format!("the body can't be read: {error}"),
                )
            })?;
            if bytes.len() + chunk.len() > max {
                return Err(too_large(max));
            }
            body.add(chunk.len())?;
            bytes.extend_from_slice(&chunk);
            of_portion += chunk.len();
            if of_portion >= PORTION {
                due = Instant::now() + PORTION_WITHIN;
                of_portion = 0;
            }
            if chunk.len() < SMALL_PIECE_BYTES {
                small_pieces += 1;
                if small_pieces > MAX_SMALL_PIECES {
                    return Err(in_too_small_pieces());
                }
                // Pieces that have already arrived do not make the task wait, so it yields now and
                // then for the others.
                if small_pieces.is_multiple_of(64) {
                    tokio::task::yield_now().await;
                }
            }
        }
        request.extensions_mut().insert(body);
        Ok(bytes.freeze())
    })
}

fn in_too_small_pieces() -> Refusal {
    Refusal::new(
        ErrorCode::BadRequest,
        format!(
            "the body comes in too small pieces: at most {MAX_SMALL_PIECES} may have less than {SMALL_PIECE_BYTES} bytes"
        ),
    )
}

fn too_slow() -> Refusal {
    Refusal::finer(Finer::TooSlow, "the body did not come in time")
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // The whole body is checked for syntax first, so that broken JSON is never reported as a value
    // that does not fit.
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Refusal::new(
            ErrorCode::BadRequest,
            format!("the body is not JSON, which is UTF-8: {error}"),
        )
    })?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| {
        Refusal::new(
            ErrorCode::BadRequest,
            format!("the body is not JSON: {error}"),
        )
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize::<_, Object<T>>(&mut reader);
    let Object(value) = parsed.map_err(|error| {
        let pointer = pointer(error.path());
        invalid(&pointer, &error.into_inner().to_string())
    })?;
    Ok(value)
}

/// Deserializes the fields of a form or a query.
fn fields<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let pointer = pointer(error.path());
        invalid(&pointer, &error.into_inner().to_string())
    })
}

/// Formats a path as a JSON Pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;

    path.iter()
        .fold(String::new(), |pointer, segment| match segment {
            Segment::Seq { index } => format!("{pointer}/{index}"),
            Segment::Map { key } if key.len() > MAX_NAMED_BYTES => pointer,
            Segment::Map { key } => {
                format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Enum { variant } => format!("{pointer}/{variant}"),
            Segment::Unknown => pointer,
        })
}

fn invalid(pointer: &str, message: &str) -> Refusal {
    let detail = message.split(" at line ").next().unwrap_or(message);
    // Serde names a missing or unknown field in its message only, not in the path.
    let named = detail
        .split('`')
        .nth(1)
        .filter(|field| detail.contains(" field `") && field.len() <= MAX_NAMED_BYTES);
    let pointer = match named {
        Some(field) if !pointer.ends_with(&format!("/{field}")) => format!("{pointer}/{field}"),
        _ => pointer.to_owned(),
    };
    Refusal::invalid(vec![FieldError::new(pointer, brief(detail))])
}

pub(crate) fn unsupported(expected: &str) -> Refusal {
    let message = format!("the content type must be {expected}");
    Refusal::finer(Finer::UnsupportedMediaType, message)
}

fn too_large(max: usize) -> Refusal {
    let message = format!("the body is larger than {max} bytes");
    Refusal::new(ErrorCode::PayloadTooLarge, message)
}

fn not_utf8() -> Refusal {
    Refusal::new(ErrorCode::BadRequest, "the body is not UTF-8")
}

#[cfg(test)]
#[path = "tests/body.rs"]
mod tests;
