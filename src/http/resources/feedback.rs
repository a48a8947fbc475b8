//! Handlers of the feedback that people give on claims and on whole evaluations.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};

use crate::domain::ids::FeedbackId;
use crate::protocol::error::Refusal;
use crate::protocol::rest::{FeedbackListView, FeedbackQuery, FeedbackView, GiveFeedback};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::{EvaluationId, Json, Query};

/// Stores a person's feedback on a claim or on the whole output.
#[utoipa::path(tag = "feedback", security(("bearer" = [])), request_body = GiveFeedback,
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation")), responses(
    (status = 201, description = "The feedback is stored", body = FeedbackView),
    (status = 409, description = "`limit_exceeded`: there is too much feedback on the evaluation, or the account has reached its storage limit"),
))]
#[post("/evaluations/{id}/feedback")]
pub(super) async fn give_feedback(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Json(body): Json<GiveFeedback>,
) -> Result<HttpResponse, Refusal> {
    let feedback = service.give_feedback(user.user.id, id, body).await?;
    Ok(HttpResponse::Created().json(feedback))
}

/// Lists the feedback on an evaluation, page by page.
#[utoipa::path(tag = "feedback", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation"), FeedbackQuery), responses(
    (status = 200, description = "A page of the feedback, the oldest first", body = FeedbackListView),
))]
#[get("/evaluations/{id}/feedback")]
pub(super) async fn list_feedback(
    user: User,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
    Query(query): Query<FeedbackQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.feedback(user.user.id, id, query).await?))
}

/// Withdraws feedback.
#[utoipa::path(tag = "feedback", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The id of the evaluation"),
        ("feedback_id" = uuid::Uuid, Path, description = "The id of the feedback")), responses(
    (status = 204, description = "The feedback is deleted"),
))]
#[delete("/evaluations/{id}/feedback/{feedback_id}")]
pub(super) async fn withdraw_feedback(
    user: User,
    request: HttpRequest,
    service: web::Data<Service>,
    EvaluationId(id): EvaluationId,
) -> Result<HttpResponse, Refusal> {
    let opinion = request.match_info().get("feedback_id");
    let opinion = opinion.and_then(|text| text.parse::<FeedbackId>().ok());
    let opinion = opinion.ok_or_else(Refusal::not_found)?;
    service.withdraw_feedback(user.user.id, id, opinion).await?;
    Ok(HttpResponse::NoContent().finish())
}
