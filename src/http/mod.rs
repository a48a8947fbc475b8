//! REST: extract, call one function of `service`, answer.
//!
//! One file a resource; each handler carries its part of the OpenAPI document. Deliberately not here:
//! SQL, rules, sockets (`ws`), and any JSON that is not a type of `protocol`.

mod accept;
mod accounts;
pub mod address;
pub mod asyncapi;
mod auth;
pub mod bodies;
mod body;
mod collections;
pub mod compress;
mod cookie;
pub mod cors;
pub mod defaults;
mod evaluations;
mod export;
mod feedback;
pub mod framing;
mod health;
pub mod hosts;
mod judges;
pub mod openapi;
pub mod origin;
pub mod page;
pub mod parameters;
mod preferences;
mod problem;
pub mod reference;
pub mod request_id;
pub mod scrape;
mod shares;
pub mod sips;
mod statistics;
mod usage;
pub mod wanted;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// The largest body: 250,000 characters of which each may be written as two `\uXXXX`.
const MAX_BODY_BYTES: usize = 4 << 20;

/// The largest document that is uploaded: a million characters, escaped, or a file with its fonts.
const MAX_UPLOAD_BYTES: usize = 8 << 20;

/// The base of all resources.
const BASE: &str = "/api/v1";

/// Every documented resource.
pub fn resources(config: &mut ServiceConfig<'_>) {
    config
        .service(health::healthz)
        .service(health::readyz)
        .service(
            scope::scope(BASE)
                .service(accounts::register)
                .service(accounts::login)
                .service(accounts::refresh)
                .service(accounts::logout)
                .service(accounts::me)
                .service(accounts::password)
                .service(accounts::delete)
                .service(accounts::export_account)
                .service(evaluations::create)
                .service(evaluations::list)
                .service(evaluations::start)
                .service(evaluations::cancel)
                .service(evaluations::events)
                .service(export::export)
                .service(evaluations::read)
                .service(evaluations::remove)
                .service(judges::judges)
                .service(shares::create_share)
                .service(shares::list_shares)
                .service(shares::revoke_share)
                .service(shares::shared)
                .service(feedback::give_feedback)
                .service(feedback::list_feedback)
                .service(preferences::read_preferences)
                .service(preferences::replace_preferences)
                .service(statistics::statistics)
                .service(usage::usage)
                .service(usage::estimate)
                .service(collections::create_collection)
                .service(collections::list_collections)
                .service(collections::read_collection)
                .service(collections::delete_collection)
                .service(collections::add_document)
                .service(collections::list_documents)
                .service(collections::read_document)
                .service(collections::delete_document)
                .service(collections::search_collection),
        );
}
