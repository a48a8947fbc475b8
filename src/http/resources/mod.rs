//! The handlers of the REST interface, one file per resource, with their parts of the OpenAPI
//! document.

pub(crate) mod accounts;
pub(crate) mod binary;
pub(crate) mod check;
pub(crate) mod collections;
mod evaluation_form;
pub(crate) mod evaluations;
pub(crate) mod export;
pub(crate) mod feedback;
pub(crate) mod health;
pub(crate) mod judges;
pub(crate) mod keys;
pub(crate) mod preferences;
pub(crate) mod scrape;
pub(crate) mod shares;
pub(crate) mod statistics;
pub(crate) mod usage;

use super::BASE;

/// Adds all handlers to a configuration, those below [`BASE`] by way of a scope.
macro_rules! register {
    ($config:expr, $scope:expr) => {
        $config
            .service(health::healthz)
            .service(health::readyz)
            .service(
                $scope
                    .service(accounts::register)
                    .service(accounts::login)
                    .service(accounts::refresh)
                    .service(accounts::logout)
                    .service(accounts::me)
                    .service(accounts::password)
                    .service(accounts::delete)
                    .service(accounts::export_account)
                    .service(keys::create_key)
                    .service(keys::list_keys)
                    .service(keys::revoke_key)
                    .service(check::check)
                    .service(evaluations::create)
                    .service(evaluations::list)
                    .service(evaluations::start)
                    .service(evaluations::cancel)
                    .service(evaluations::events)
                    .service(export::export)
                    .service(evaluations::read)
                    .service(evaluations::remove)
                    .service(evaluations::annotate)
                    .service(evaluations::runs)
                    .service(evaluations::tags)
                    .service(judges::judges)
                    .service(shares::create_share)
                    .service(shares::list_shares)
                    .service(shares::revoke_share)
                    .service(shares::shared)
                    .service(feedback::give_feedback)
                    .service(feedback::list_feedback)
                    .service(feedback::withdraw_feedback)
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
            )
    };
}

/// Registers all handlers.
pub(crate) fn routes(config: &mut actix_web::web::ServiceConfig) {
    register!(config, actix_web::web::scope(BASE));
}

/// Does the same and collects their descriptions for the OpenAPI document. That takes several times as
/// long, so that the workers, each of which registers the handlers, do without.
pub(crate) fn described(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    register!(config, utoipa_actix_web::scope(BASE));
}
