//! The web page, embedded in the binary, and the fallback for addresses that no resource serves.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use actix_web::guard::{self, GuardContext};
use actix_web::http::header::{self, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, Route, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::notices::THIRD_PARTY;
use crate::protocol::error::{ErrorCode, Finer, Refusal};
use crate::service::Service;

use super::edge::accept::{takes_gzip, wants_html};
use super::edge::compress::gzip;
use super::reference::openapi::Document;
use super::resources::shares;

/// The output of the bundler; its sources are in `web/`.
#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Files;

/// Path of the link by which people open a shared evaluation.
pub(crate) const SHARED: &str = "/shared/{token}";

const INDEX: &str = "index.html";

/// Path at which the page links to the notices of third parties.
const NOTICES: &str = "third-party-notices.txt";

/// Directory of the files whose names hold a hash of their content, so that they may be cached
/// forever.
const HASHED: &str = "assets/";

/// Content security policy: no external resources and no inline scripts or styles, so that text
/// that is judged cannot inject a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// The compressed form is kept only if its size is at most this fraction of the original; for less,
/// decompression is not worth the client's time.
const WORTH: f64 = 0.9;

/// The files of the page by path. Each is compressed for the first client that takes it so, and only
/// once: a server that no browser opens starts without that work.
pub(crate) struct Page(BTreeMap<String, Arc<File>>);

struct File {
    mime: String,
    tag: String,
    body: Bytes,
    /// Holds `None` if the compressed form is not worth it.
    gzipped: OnceLock<Option<Bytes>>,
}

impl File {
    fn new(mime: String, tag: String, body: Bytes) -> Arc<Self> {
        Arc::new(Self {
            mime,
            tag,
            body,
            gzipped: OnceLock::new(),
        })
    }

    /// Returns the compressed form, or `None` if the file is sent as it is.
    async fn gzipped(self: &Arc<Self>) -> Option<Bytes> {
        if let Some(ready) = self.gzipped.get() {
            return ready.clone();
        }
        let file = Arc::clone(self);
        // On another thread, so that this one can serve other connections meanwhile.
        let compressing = tokio::task::spawn_blocking(move || {
            let packed = file.gzipped.get_or_init(|| file.packed());
            packed.clone()
        });
        // It fails only when the process is about to exit.
        compressing.await.ok().flatten()
    }

    fn packed(&self) -> Option<Bytes> {
        match gzip(&self.body, Compression::best()) {
            Ok(packed) => {
                let saves = (packed.len() as f64) < self.body.len() as f64 * WORTH;
                saves.then_some(packed)
            }
            Err(error) => {
                tracing::warn!(%error, "a file of the page can't be compressed");
                None
            }
        }
    }
}

impl Page {
    /// Reads every file.
    pub(crate) fn load() -> Self {
        let files = Files::iter().filter_map(|name| Some((Files::get(&name)?, name)));
        let files = files.map(|(file, name)| {
            let mime = match file.metadata.mimetype() {
                text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
                other => other.to_owned(),
            };
            let tag = URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash());
            let file = File::new(mime, tag, file.data.into_owned().into());
            (name.into_owned(), file)
        });
        let mut files: BTreeMap<String, Arc<File>> = files.collect();
        files.insert(NOTICES.to_owned(), notices());
        Self(files)
    }
}

/// Returns the notices of the third-party code that the program and the page contain.
fn notices() -> Arc<File> {
    let text = THIRD_PARTY.as_bytes();
    File::new(
        "text/plain; charset=utf-8".to_owned(),
        URL_SAFE_NO_PAD.encode(Sha256::digest(text)),
        Bytes::from_static(text),
    )
}

/// Answers [`SHARED`] with the page for a browser; the page reads the evaluation itself.
pub(crate) fn for_people() -> Route {
    let wanted = |context: &GuardContext<'_>| wants_html(context.header());
    reading().guard(guard::fn_guard(wanted)).to(shared)
}

/// Answers [`SHARED`] with the evaluation as JSON, for clients that do not ask for HTML.
pub(crate) fn for_scripts() -> Route {
    reading().to(shared_as_json)
}

fn reading() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Answers other methods on [`SHARED`] with an error.
pub(crate) fn for_nobody() -> Route {
    web::to(async || Err::<HttpResponse, Refusal>(other_method(&["GET", "HEAD"])))
}

async fn shared_as_json(
    request: HttpRequest,
    service: web::Data<Service>,
    token: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let mut response = shares::answer(&request, &service, &token).await?;
    let by_form = header::HeaderValue::from_static("accept");
    response.headers_mut().insert(header::VARY, by_form);
    Ok(response)
}

async fn shared(request: HttpRequest, page: web::Data<Page>) -> Result<HttpResponse, Refusal> {
    let file = page.0.get(INDEX).ok_or_else(nothing)?;
    let mut response = respond(&request, file, "no-store").await;
    let by_form = header::HeaderValue::from_static("accept, accept-encoding");
    response.headers_mut().insert(header::VARY, by_form);
    Ok(response)
}

/// Serves a file of the page; answers 405 for a resource that has other methods, and 404 otherwise.
pub(crate) async fn fallback(
    request: HttpRequest,
    document: web::Data<Document>,
    page: web::Data<Page>,
) -> Result<HttpResponse, Refusal> {
    let path = request.path();
    if let Some(methods) = document.methods(path) {
        return Err(other_method(&methods));
    }
    let name = match path.strip_prefix('/') {
        Some("") => INDEX,
        Some(name) => name,
        None => path,
    };
    let file = page.0.get(name).ok_or_else(nothing)?;
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return Err(other_method(&["GET", "HEAD"]));
    }
    let caching = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    Ok(respond(&request, file, caching).await)
}

fn nothing() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "there is nothing at this address")
}

fn other_method(methods: &[&str]) -> Refusal {
    let methods = methods.join(", ");
    let message = format!("this resource takes {methods} only");
    let allow = serde_json::json!({ "allow": methods });
    Refusal::finer(Finer::MethodNotAllowed, message).with_details(allow)
}

async fn respond(request: &HttpRequest, file: &Arc<File>, caching: &'static str) -> HttpResponse {
    // A weak tag, because it is the same for both encodings.
    let tag = EntityTag::new_weak(file.tag.clone());
    let unchanged = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = HttpResponse::build(if unchanged {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    });
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    if unchanged {
        return response.finish();
    }
    response.content_type(file.mime.as_str());
    let gzipped = if takes_gzip(request) {
        file.gzipped().await
    } else {
        None
    };
    match gzipped {
        Some(body) => response
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(body),
        None => response.body(file.body.clone()),
    }
}
