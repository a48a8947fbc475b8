//! The HTTP client that the judges share.

use std::time::Duration;

use anyhow::Result;

use crate::tls::{self, Authority};

/// The HTTP client of judges; a cheap handle.
pub(crate) type Client = reqwest::Client;

/// The client that all judges share: no redirects (a key must not follow one), and a bound on
/// connecting, so that a dead address is told from a slow model.
/// Beside the system's certificate authorities it trusts these.
///
/// # Errors
/// The TLS library refuses its own defaults, or the environment names a proxy that can't be.
pub(crate) fn client(beside: &[Authority]) -> Result<reqwest::Client> {
    Ok(client_builder(beside)?.build()?)
}

pub(super) fn client_builder(beside: &[Authority]) -> Result<reqwest::ClientBuilder> {
    let builder = tls::client_builder(beside)?
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // One layer of retries, and that is `limits`.
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("judge-auditor/", env!("CARGO_PKG_VERSION")));
    Ok(builder)
}
