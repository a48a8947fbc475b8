//! The handler of `/evaluations/{id}/export`.

use std::io::{self, Read};

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use bytes::Bytes;
use futures_util::{Stream, stream};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{EvaluationView, ExportQuery};
use crate::service::Service;
use crate::service::export::Exported;

use super::binary::Binary;
use crate::http::edge::auth::User;
use crate::http::edge::body::{EvaluationId, Query};

/// Number of bytes of a file that are read at once.
const PIECE: u64 = 64 << 10;

/// Returns an evaluation with its result as a file.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation"), ExportQuery), responses(
    (status = 200, description = "The file", content(
        (EvaluationView = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
        (Binary = "application/pdf"),
    ), headers(("Content-Disposition" = String, description = "The suggested file name"))),
    (status = 409, description = "There is no result: `evaluation_in_progress` or `not_running`"),
    (status = 429, description = "`rate_limited`, with `Retry-After`"),
))]
#[get("/evaluations/{id}/export")]
pub(super) async fn export(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Query(query): Query<ExportQuery>,
) -> Result<HttpResponse, Refusal> {
    let file = service.export(user.user.id, id, query.format).await?;
    let id: String = id.to_string().chars().take(8).collect();
    let name = format!(
        "attachment; filename=\"audit-{id}.{}\"",
        query.format.extension()
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CONTENT_TYPE, query.format.media_type()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // If a browser displays the file instead of saving it, it must not act as a page of this
        // origin.
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox"))
        .body(SizedStream::new(file.length, pieces(file))))
}

/// Streams the file in pieces, each of which is read only when the client has taken the one before.
fn pieces(exported: Exported) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(exported, |exported| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE as usize);
            (&exported.file).take(PIECE).read_to_end(&mut piece)?;
            io::Result::Ok((piece, exported))
        });
        let (piece, exported) = read.await.map_err(io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), exported)))
    })
}
