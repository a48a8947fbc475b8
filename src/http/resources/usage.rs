//! Handlers of `/usage`, and of the estimate of an evaluation.

use actix_web::{HttpResponse, get, post, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{EstimateView, UsageQuery, UsageView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::{EvaluationId, Query};

/// What the user's language-model judges used, by day.
#[utoipa::path(tag = "usage", security(("bearer" = [])), params(UsageQuery), responses(
    (status = 200, description = "By day, with what the budgets leave", body = UsageView),
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

/// What a run of the evaluation will take at most. Nothing is asked.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The evaluation")), responses(
    (status = 200, description = "By judge and in all, and whether the budgets bear it", body = EstimateView),
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
