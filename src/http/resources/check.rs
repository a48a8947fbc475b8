//! The resource `/check`: checks an answer within a time limit.

use actix_web::{HttpResponse, post, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{CheckRequest, CheckView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Json;

/// Checks an answer before it is shown, within a time limit.
///
/// The response comes within `budget_ms` and at most 50 ms more. Judges that need no network are always asked; others
/// count if they answer in time. What is missing is named, and flags the answer. Without `keep` nothing is stored but
/// the usage of judges that cost money.
#[utoipa::path(tag = "evaluations", security(("bearer" = [])), request_body = CheckRequest,
    responses(
        (status = 200, description = "The findings when all is known or the time limit has passed", body = CheckView),
        (status = 409, description = "`limit_exceeded`, with `keep`: the account has reached its storage limit"),
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
