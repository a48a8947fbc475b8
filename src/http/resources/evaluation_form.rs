//! Reads the request for a new evaluation, as JSON or as a multipart form with files.

use std::future::ready;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{StreamExt, once};

use crate::documents::MediaType;
use crate::protocol::error::{ErrorCode, FieldError, Refusal};
use crate::protocol::rest::{ConfigRequest, CreateEvaluation, MAX_SOURCES};
use crate::service::sources::{File, Files};

use crate::http::edge::body::{
    Extracting, MAX_BODY_BYTES, MAX_UPLOAD_BYTES, parse, read, unsupported,
};

/// Maximum number of parts of a form: the sources, and the four other parts.
const MAX_PARTS: usize = MAX_SOURCES + 4;

/// The body of a request for a new evaluation.
pub(super) enum Body {
    Json(Box<CreateEvaluation>),
    Form(Box<Files>),
}

impl FromRequest for Body {
    type Error = Refusal;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let is_form = essence.eq_ignore_ascii_case("multipart/form-data");
        let is_json = essence.eq_ignore_ascii_case("application/json");
        let most = if is_form {
            MAX_UPLOAD_BYTES
        } else {
            MAX_BODY_BYTES
        };
        let body = read(request, payload, most);
        let headers = request.headers().clone();
        Box::pin(async move {
            let bytes = body.await?;
            if is_json {
                return parse(&bytes).map(|body| Self::Json(Box::new(body)));
            }
            if !is_form {
                return Err(unsupported("application/json or multipart/form-data"));
            }
            let whole = once(ready(Ok::<Bytes, PayloadError>(bytes)));
            let files = form(Multipart::new(&headers, whole)).await?;
            Ok(Self::Form(Box::new(files)))
        })
    }
}

/// Reads the parts of a form. Unknown ones are refused, and so is a second one of a name, unless it
/// is a source.
async fn form(mut parts: Multipart) -> Result<Files, Refusal> {
    let mut files = Files::default();
    let mut given: Vec<String> = Vec::new();
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|error| broken(&error))?;
        count += 1;
        if count > MAX_PARTS {
            let message = format!("the form has more than {MAX_PARTS} parts");
            return Err(Refusal::new(ErrorCode::BadRequest, message));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if name != "source" {
            if given.contains(&name) {
                return Err(twice(&name));
            }
            given.push(name.clone());
        }
        let file_name = part
            .content_disposition()
            .and_then(|disposition| disposition.get_filename())
            .map(ToOwned::to_owned);
        let declared = part.content_type().map(ToString::to_string);
        let mut bytes = BytesMut::new();
        while let Some(piece) = part.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| broken(&error))?);
        }
        let bytes = bytes.to_vec();
        match name.as_str() {
            "source" => {
                let place = files.sources.len();
                let kind = kind(declared.as_deref(), file_name.as_deref());
                let kind = kind.ok_or_else(|| unknown_kind(place))?;
                files.sources.push(File {
                    name: file_name,
                    kind,
                    bytes,
                });
            }
            "candidate" => files.candidate_output = text("/candidate_output", bytes)?,
            "question" => files.question = Some(text("/question", bytes)?),
            "config" => files.config = Some(parse::<ConfigRequest>(&bytes).map_err(within_config)?),
            "start" => files.start = flag(&bytes)?,
            _ => {
                let detail =
                    "is no part of this form: it has source, candidate, question, config and start";
                let pointer = format!("/{}", name.chars().take(100).collect::<String>());
                return Err(Refusal::invalid(vec![FieldError::new(pointer, detail)]));
            }
        }
    }
    Ok(files)
}

/// Returns the media type of a file: the declared one, unless it is missing or generic; then the
/// extension decides.
fn kind(declared: Option<&str>, file_name: Option<&str>) -> Option<MediaType> {
    let declared = declared.filter(|kind| !kind.starts_with("application/octet-stream"));
    match (declared, file_name) {
        (Some(kind), None) => MediaType::from_content_type(kind),
        (Some(kind), Some(name)) => {
            // Tools commonly declare Markdown files as plain text.
            let by_name = MediaType::from_file_name(name);
            match MediaType::from_content_type(kind) {
                Some(MediaType::Plain) => by_name.or(Some(MediaType::Plain)),
                found => found,
            }
        }
        (None, Some(name)) => MediaType::from_file_name(name).or(Some(MediaType::Plain)),
        (None, None) => Some(MediaType::Plain),
    }
}

/// Returns the refusal of a part that was given before; its pointer is that of the value in JSON.
fn twice(name: &str) -> Refusal {
    let pointer = match name {
        "candidate" => "/candidate_output".to_owned(),
        other => format!("/{other}"),
    };
    Refusal::invalid(vec![FieldError::new(pointer, "is given twice")])
}

fn unknown_kind(place: usize) -> Refusal {
    let detail = "is of a kind that can't be read: give text, Markdown, HTML (in UTF-8) or PDF";
    Refusal::invalid(vec![FieldError::new(format!("/sources/{place}"), detail)])
}

fn text(pointer: &str, bytes: Vec<u8>) -> Result<String, Refusal> {
    String::from_utf8(bytes)
        .map_err(|_| Refusal::invalid(vec![FieldError::new(pointer, "is not UTF-8")]))
}

fn flag(bytes: &[u8]) -> Result<bool, Refusal> {
    match bytes.trim_ascii() {
        b"true" => Ok(true),
        b"false" => Ok(false),
        _ => {
            let fault = FieldError::new("/start", "must be true or false");
            Err(Refusal::invalid(vec![fault]))
        }
    }
}

/// Adds the prefix `/config` to the pointers of a refusal of the part `config`, which is a JSON
/// document of its own.
fn within_config(refusal: Refusal) -> Refusal {
    let fields = refusal.fields.into_iter().map(|fault| FieldError {
        pointer: format!("/config{}", fault.pointer),
        ..fault
    });
    let fields: Vec<FieldError> = fields.collect();
    if fields.is_empty() {
        let detail = "is not JSON";
        return Refusal::invalid(vec![FieldError::new("/config", detail)]);
    }
    Refusal::invalid(fields)
}

fn broken(error: &actix_multipart::MultipartError) -> Refusal {
    let message = format!("the form can't be read: {error}");
    Refusal::new(ErrorCode::BadRequest, message)
}

#[cfg(test)]
#[path = "tests/evaluation_form.rs"]
mod tests;
