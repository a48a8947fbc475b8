//! Serves the AsyncAPI document of the WebSocket protocol at `/asyncapi.json`.

use std::sync::LazyLock;

use actix_web::HttpResponse;

use crate::protocol::asyncapi;

use crate::http::BASE;

/// Returns the path of the document.
pub(crate) fn path() -> String {
    format!("{BASE}/asyncapi.json")
}

/// Serves the document, which is generated once.
pub(crate) async fn document() -> HttpResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| asyncapi::document().to_string());
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DOCUMENT.as_str())
}
