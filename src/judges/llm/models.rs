//! Lists the models that a provider offers, because providers retire models while configurations
//! still name them.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::call::send;
use super::client::Client;
use super::providers::{Anthropic, Endpoint, Gemini, KeyHeader, Ollama, OpenAi, Provider};
use super::settings::Settings;
use crate::judges::JudgeError;

/// Timeout of the request.
const LONGEST: Duration = Duration::from_secs(15);
/// Maximum number of names that are read.
const MOST: usize = 10_000;
/// Maximum length of a name, in bytes; longer names are skipped.
const NAME: usize = 200;

/// The API by which a provider lists its models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    OpenAi,
    Anthropic,
    Gemini,
    Ollama,
}

/// Requests the names of the models that a judge's provider offers.
///
/// # Errors
/// The provider can't be reached, or its list is empty or malformed.
pub(crate) async fn offered(
    listing: Listing,
    settings: &Settings,
    client: &Client,
) -> Result<Vec<String>, JudgeError> {
    let provider: Box<dyn Provider> = match listing {
        Listing::OpenAi => Box::new(OpenAi::new(settings)),
        Listing::Anthropic => Box::new(Anthropic::new(settings)),
        Listing::Gemini => Box::new(Gemini::new(settings)),
        Listing::Ollama => Box::new(Ollama::new(settings)),
    };
    let request = listing.endpoint(settings).get(client);
    let mut answered = false;
    let sent = timeout(LONGEST, send(request, provider.as_ref(), &mut answered));
    let body = sent.await.map_err(|_| JudgeError::Timeout(LONGEST))??;
    listing
        .names(&body)
        .filter(|names| !names.is_empty())
        .ok_or_else(|| JudgeError::Malformed("the provider's list of models can't be read".into()))
}

impl Listing {
    fn endpoint(self, settings: &Settings) -> Endpoint {
        match self {
            Self::OpenAi => Endpoint::new(settings, "/models", KeyHeader::Bearer),
            Self::Anthropic => {
                let key = KeyHeader::Named("x-api-key");
                Endpoint::new(settings, "/v1/models", key).header("anthropic-version", "2023-06-01")
            }
            Self::Gemini => {
                let key = KeyHeader::Named("x-goog-api-key");
                Endpoint::new(settings, "/v1beta/models", key)
            }
            Self::Ollama => Endpoint::new(settings, "/api/tags", KeyHeader::Bearer),
        }
    }

    /// Parses a list; `None` if it is malformed.
    fn names(self, body: &str) -> Option<Vec<String>> {
        let body: Value = serde_json::from_str(body).ok()?;
        let (list, name) = match self {
            Self::OpenAi | Self::Anthropic => ("data", "id"),
            Self::Gemini | Self::Ollama => ("models", "name"),
        };
        let name = |entry: &Value| {
            let name = entry.get(name)?.as_str()?;
            let name = name.strip_prefix("models/").unwrap_or(name);
            (!name.is_empty() && name.len() <= NAME).then(|| name.to_owned())
        };
        let names = body.get(list)?.as_array()?.iter().take(MOST);
        Some(names.filter_map(name).collect())
    }

    /// Returns true if a configured name is offered, exactly or as an alias of a dated or numbered
    /// version.
    pub(crate) fn is_offered(self, model: &str, offered: &[String]) -> bool {
        let model = model.strip_prefix("models/").unwrap_or(model);
        let bare = model.strip_suffix("-latest").unwrap_or(model);
        offered.iter().any(|name| {
            let rest = name.strip_prefix(bare);
            name == model
                || rest.is_some_and(|rest| match self {
                    Self::Ollama => rest == ":latest",
                    // "name-20260101", "name-001".
                    _ => rest.strip_prefix('-').is_some_and(|rest| {
                        let first = rest.split('-').next().unwrap_or_default();
                        first.len() >= 3 && rest.chars().all(|c| c.is_ascii_digit() || c == '-')
                    }),
                })
        })
    }
}

/// Returns the offered names that are most similar to a configured one, best first.
pub(crate) fn likest(model: &str, offered: &[String], most: usize) -> Vec<String> {
    let mut scored: Vec<(f64, &String)> = offered
        .iter()
        .map(|name| (strsim::jaro_winkler(model, name), name))
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    let best = scored.into_iter().take(most);
    best.map(|(_, name)| name.clone()).collect()
}

#[cfg(test)]
#[path = "tests/models.rs"]
mod tests;
