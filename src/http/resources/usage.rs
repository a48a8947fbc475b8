//! Handlers of `/usage`, and of the estimate of an evaluation.

use actix_web::{HttpResponse, get, post, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{EstimateView, UsageQuery, UsageView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::{EvaluationId, Query};

/// Returns the usage of the user's language models by day.
#[utoipa::path(tag = "usage", security(("bearer" = [])), params(UsageQuery), responses(
    (status = 200, description = "The usage by day, and the rest of the budgets", body = UsageView),
    (status = 422, description = "`validation`"),
))]
#[get("/usage")]
pub(super) async fn usage(
    user: User,
    service: web::Data<Service>,
    Query(query): Query<UsageQuery>,
) -> Result<HttpResponse, Refusal> {
    let view = service.usage(user.user.id, query).await?;
    Ok(HttpResponse::Ok().json(view))
}

/// Estimates the maximum usage of a run of the evaluation.
///
/// No judge is asked.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 200, description = "The estimate by judge and in total, and if the budgets allow it", body = EstimateView),
))]
#[post("/evaluations/{id}/estimate")]
pub(super) async fn estimate(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    let view = service.estimate(&user.grant, id).await?;
    Ok(HttpResponse::Ok().json(view))
}
