//! The extractor that makes a handler private. A handler without it is public, which its signature
//! shows. It comes first among the handler's parameters: the other extractors wait for it, so that
//! whoever may not use a route learns nothing but that.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::{FutureExt, Shared};

use crate::protocol::error::Refusal;
use crate::protocol::strip_bearer;
use crate::service::Service;
use crate::service::accounts::{Identity, unauthenticated};

use super::address::exact_address;
use super::scopes::needs;
use crate::http::BASE;

type Identifying = Pin<Box<dyn Future<Output = Result<Identity, Refusal>>>>;

/// The check of a private request's sender, which its extractors share.
#[derive(Clone)]
struct Permission(Shared<Identifying>);

/// Waits until it is known that the sender of a request may use the route; a public route waits for
/// nothing.
///
/// # Errors
/// The refusal of the sender.
pub(crate) fn permitted(
    request: &HttpRequest,
) -> impl Future<Output = Result<(), Refusal>> + use<> {
    let permission = request.extensions().get::<Permission>().cloned();
    async move {
        match permission {
            Some(Permission(identifying)) => identifying.await.map(drop),
            None => Ok(()),
        }
    }
}

/// The authenticated sender of a request, by access token or API key. Extraction also checks that
/// an API key has the scope that the route needs.
pub(crate) struct User(Identity);

impl Deref for User {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl FromRequest for User {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(strip_bearer)
            .map(ToOwned::to_owned);
        let service = request.app_data::<web::Data<Service>>().cloned();
        let address = service
            .as_ref()
            .map(|service| exact_address(request, &service.config.server.trusted_proxies));
        let pattern = request.match_pattern().unwrap_or_default();
        let needs = needs(
            request.method().as_str(),
            pattern.strip_prefix(BASE).unwrap_or_default(),
        );
        let identifying: Identifying = Box::pin(async move {
            let token = token.ok_or_else(unauthenticated)?;
            let (service, address) = service.zip(address).ok_or_else(Refusal::internal)?;
            let identity = service.identify(&token, address).await?;
            tracing::Span::current().record("user", tracing::field::display(identity.user.id));
            needs.check(&identity.grant)?;
            Ok(identity)
        });
        let identifying = identifying.shared();
        let permission = Permission(identifying.clone());
        request.extensions_mut().insert(permission);
        Box::pin(async move { identifying.await.map(User) })
    }
}
