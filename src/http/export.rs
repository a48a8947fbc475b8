//! `/evaluations/{id}/export`.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{EvaluationView, ExportQuery};
use crate::service::Service;

use super::auth::User;
use super::body::{EvaluationId, Query};
use super::openapi::Binary;

/// An evaluation with a result, as a file to keep.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The evaluation"), ExportQuery), responses(
    (status = 200, description = "The file", content(
        (EvaluationView = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
        (Binary = "application/pdf"),
    ), headers(("Content-Disposition" = String, description = "A name for the file"))),
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
        // Should a browser show it all the same: not as a page of this server's origin.
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox"))
        .body(file))
}
