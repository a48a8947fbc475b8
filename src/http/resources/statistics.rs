//! The handler of `/statistics`.

use actix_web::{HttpResponse, get, web};

use crate::protocol::error::Refusal;
use crate::protocol::rest::{StatisticsQuery, StatisticsView};
use crate::service::Service;

use crate::http::edge::auth::User;
use crate::http::edge::body::Query;

/// Returns statistics of the user's evaluations and judges over the last days.
#[utoipa::path(tag = "statistics", security(("bearer" = [])), params(StatisticsQuery), responses(
    (status = 200, description = "The figures in total, by day, by judge, and by pairs of judges", body = StatisticsView),
    (status = 429, description = "`rate_limited`, with `Retry-After`"),
))]
#[get("/statistics")]
pub(super) async fn statistics(
    user: User,
    service: web::Data<Service>,
    Query(query): Query<StatisticsQuery>,
) -> Result<HttpResponse, Refusal> {
    Ok(HttpResponse::Ok().json(service.statistics(user.user.id, query).await?))
}
