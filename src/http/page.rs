//! The web page, embedded in the binary, and what answers where nothing else does.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::protocol::error::{ErrorCode, Refusal};

use super::openapi::Document;

#[derive(RustEmbed)]
#[folder = "web/"]
struct Files;

/// Nothing from elsewhere, nothing inline: a text that is judged can't bring a script along.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file of the page; 405 for a resource that has other methods; else 404.
pub async fn fallback(
    request: HttpRequest,
    document: web::Data<Document>,
) -> Result<HttpResponse, Refusal> {
    let path = request.path();
    if let Some(methods) = document.methods(path) {
        let message = format!("this resource takes {} only", methods.join(", "));
        let mut refusal = Refusal::new(ErrorCode::BadRequest, message);
        refusal.status = Some(405);
        refusal.details = Some(serde_json::json!({ "allow": methods.join(", ") }));
        return Err(refusal);
    }
    let name = if path == "/" {
        "index.html"
    } else {
        path.trim_start_matches('/')
    };
    match Files::get(name) {
        Some(file) if request.method() == Method::GET => Ok(respond(&request, file)),
        _ => Err(Refusal::new(
            ErrorCode::NotFound,
            "there is nothing at this address",
        )),
    }
}

fn respond(request: &HttpRequest, file: EmbeddedFile) -> HttpResponse {
    let tag = format!(
        "\"{}\"",
        URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash())
    );
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let unchanged = known == Some(tag.as_str());
    let mut response = if unchanged {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    if unchanged {
        return response.finish();
    }
    response
        .content_type(file.metadata.mimetype())
        .body(file.data.into_owned())
}
