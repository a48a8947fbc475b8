//! The handler of `/judges`.

use actix_web::{HttpResponse, get, web};

use crate::judges::{Judge, description};
use crate::protocol::rest::{JudgeView, JudgesView};
use crate::service::Service;

use crate::http::edge::auth::User;

/// Lists the configured judges.
#[utoipa::path(tag = "judges", security(("bearer" = [])), responses(
    (status = 200, description = "All judges, in the configuration's order", body = JudgesView),
))]
#[get("/judges")]
pub(super) async fn judges(_: User, service: web::Data<Service>) -> HttpResponse {
    let view = |judge: &dyn Judge| {
        let profile = judge.profile();
        JudgeView {
            name: profile.name.clone(),
            kind: profile.kind.clone(),
            model: profile.model.clone(),
            offline: profile.offline,
            description: description(&profile.kind),
            default: service.config.runs.default_judges.contains(&profile.name),
            state: judge.circuit().as_str(),
        }
    };
    HttpResponse::Ok().json(JudgesView {
        items: service.judges.iter().map(view).collect(),
    })
}
