//! `/asyncapi.json`.

use std::sync::LazyLock;

use actix_web::HttpResponse;

use crate::protocol::asyncapi;

use crate::http::BASE;

/// Where the document of the socket's protocol is.
pub(crate) fn path() -> String {
    format!("{BASE}/asyncapi.json")
}

/// The document, made once.
pub(crate) async fn document() -> HttpResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| asyncapi::document().to_string());
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DOCUMENT.as_str())
}
