//! The endpoint of a provider: its address, the header of its key, and further headers.

use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::judges::llm::settings::Settings;

/// The header that carries the key unless the settings name one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeyHeader {
    /// The header `Authorization: Bearer …`.
    Bearer,
    /// A header of this name with only the key as its value.
    Named(&'static str),
}

/// The endpoint of one provider for one judge.
pub(crate) struct Endpoint {
    url: String,
    api_key: Option<SecretString>,
    /// `None` means the header `Authorization` with a bearer token.
    key_header: Option<String>,
    headers: Vec<(String, String)>,
}

impl Endpoint {
    pub(crate) fn new(settings: &Settings, path: &str, usual: KeyHeader) -> Self {
        let usual = match usual {
            KeyHeader::Bearer => None,
            KeyHeader::Named(name) => Some(name.to_owned()),
        };
        Self {
            url: join(&settings.base_url, path),
            api_key: settings.api_key.clone(),
            key_header: settings.api_key_header.clone().or(usual),
            headers: settings.headers.clone(),
        }
    }

    /// Adds a header to every request, unless the settings have it.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let given = |(given, _): &(String, String)| given.eq_ignore_ascii_case(name);
        if !self.headers.iter().any(given) {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(crate) fn post(&self, client: &reqwest::Client, body: &impl Serialize) -> RequestBuilder {
        self.known(client.post(&self.url).json(body))
    }

    pub(crate) fn get(&self, client: &reqwest::Client) -> RequestBuilder {
        self.known(client.get(&self.url))
    }

    /// Adds the API key and further headers to a request.
    fn known(&self, mut request: RequestBuilder) -> RequestBuilder {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match (&self.api_key, &self.key_header) {
            (None, _) => request,
            (Some(key), None) => request.bearer_auth(key.expose_secret()),
            (Some(key), Some(name)) => match HeaderValue::from_str(key.expose_secret()) {
                Ok(mut value) => {
                    value.set_sensitive(true);
                    request.header(name, value)
                }
                // The key cannot be a header's value, so building the request fails later, with an
                // error that does not contain the key.
                Err(_) => request.header(name, key.expose_secret()),
            },
        }
    }

    pub(crate) fn secret(&self) -> Option<&SecretString> {
        self.api_key.as_ref()
    }
}

/// Joins a path to the base address, before its query: Azure requires its `api-version` in every
/// address.
fn join(base: &str, path: &str) -> String {
    let (base, query) = match base.split_once('?') {
        Some((base, query)) => (base, format!("?{query}")),
        None => (base, String::new()),
    };
    format!("{}{path}{query}", base.trim_end_matches('/'))
}

#[cfg(test)]
#[path = "tests/endpoint.rs"]
mod tests;
