//! The extractor that makes a handler private. A handler without it is public, which its signature
//! shows.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use crate::protocol::error::Refusal;
use crate::protocol::strip_bearer;
use crate::service::Service;
use crate::service::accounts::{Identity, unauthenticated};

use super::address::exact_address;
use super::scopes::needs;
use crate::http::BASE;

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
        Box::pin(async move {
            let token = token.ok_or_else(unauthenticated)?;
            let (service, address) = service.zip(address).ok_or_else(Refusal::internal)?;
            let identity = service.identify(&token, address).await?;
            tracing::Span::current().record("user", tracing::field::display(identity.user.id));
            needs.check(&identity.grant)?;
            Ok(User(identity))
        })
    }
}
