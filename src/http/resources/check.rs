//! The resource `/check`: checks an answer within a time limit.

use actix_web::{HttpResponse, post, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{CheckRequest, CheckView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Json;

/// Checks an answer before it is shown: answers within `budget_ms` and at most 50 ms more, with what was heard by
/// then. Judges that need no network are asked always, others are heard if they make it. What is missing is named,
/// and flags the answer. Nothing is stored without `keep` but what judges used that have to be paid for.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), request_body = CheckRequest,
    responses(
        (status = 200, description = "What is known when the time is over", body = CheckView),
        (status = 409, description = "With `keep`: `limit_exceeded`: the account holds as much as one may"),
        (status = 422, description = "`validation`: `errors` lists each value that is not allowed"),
        (status = 429, description = "`rate_limited`, with `Retry-After`"),
    ))]
#[post("/check")]
pub(super) async fn check(
    user: User,
    service: web::Data<Service>,
    Json(body): Json<CheckRequest>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.check(&user.grant, body).await?))
}
