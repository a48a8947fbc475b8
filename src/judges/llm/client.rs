//! The HTTP client that the judges share.

use std::time::Duration;

use anyhow::Result;

use crate::tls::{self, Authority};

/// The HTTP client of judges; clones share its connections.
pub(crate) type Client = reqwest::Client;

/// Builds the client that all judges share. It follows no redirects (a key must not be sent on) and
/// has a timeout for connecting, which distinguishes a dead address from a slow model. It trusts
/// the authorities in `beside` in addition to those of the system.
///
/// # Errors
/// Fails if the TLS library refuses its own defaults, or if the environment names an invalid proxy.
pub(crate) fn client(beside: &[Authority]) -> Result<reqwest::Client> {
    Ok(client_builder(beside)?.build()?)
}

pub(super) fn client_builder(beside: &[Authority]) -> Result<reqwest::ClientBuilder> {
    let builder = tls::client_builder(beside)?
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Retries happen in one layer only, which is `limits`.
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("judge-auditor/", env!("CARGO_PKG_VERSION")));
    Ok(builder)
}
