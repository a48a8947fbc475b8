//! Users' preferences, and the settings of a new evaluation: those of the request, else the
//! preferred ones, else the server's defaults.

use crate::config::Runs;
use crate::domain::ids::{CollectionId, UserId};
use crate::domain::settings::EvaluationConfig;
use crate::judges::offline::NEURAL;
use crate::protocol::error::{FieldError, Refusal};
use crate::protocol::rest::{ConfigRequest, Preferences};
use crate::store;

use super::{Service, refusal};

/// Maximum quorum that may be requested.
const MAX_QUORUM: usize = 32;

impl Service {
    /// Returns a user's preferences.
    ///
    /// # Errors
    /// `overloaded`.
    pub(crate) async fn preferences(&self, user: UserId) -> Result<Preferences, Refusal> {
        let kept = self
            .store
            .read(move |db| store::preferences::get(db, user))
            .await
            .map_err(refusal)?;
        let Some(text) = kept else {
            return Ok(Preferences::default());
        };
        // Unreadable preferences are replaced by the defaults: they must not keep anybody from
        // auditing.
        Ok(serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::error!(%user, %error, "stored preferences can't be read: the defaults are used");
            Preferences::default()
        }))
    }

    /// Replaces a user's preferences.
    ///
    /// # Errors
    /// `validation`, `rate_limited`.
    pub(crate) async fn prefer(
        &self,
        user: UserId,
        preferences: Preferences,
    ) -> Result<Preferences, Refusal> {
        self.limits.writes.check(&user).await?;
        let mut faults = preference_faults(&preferences, &|name| self.has_judge(name));
        faults.extend(
            self.collection_fault(user, preferences.collection_id, "")
                .await?,
        );
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let text = serde_json::to_string(&preferences).map_err(|error| {
            tracing::error!(%error, "preferences can't be encoded");
            Refusal::internal()
        })?;
        self.store
            .write(move |db| store::preferences::put(db, user, &text))
            .await
            .map_err(refusal)?;
        Ok(preferences)
    }

    /// Validates a collection id, if one is given; the pointer of the error begins with `base`.
    pub(super) async fn collection_fault(
        &self,
        user: UserId,
        named: Option<CollectionId>,
        base: &str,
    ) -> Result<Option<FieldError>, Refusal> {
        let missing = match named {
            None => false,
            Some(id) => self.stored_collection(user, id).await?.is_none(),
        };
        let pointer = format!("{base}/collection_id");
        Ok(missing.then(|| FieldError::new(pointer, "there is no such collection")))
    }

    pub(super) fn has_judge(&self, name: &str) -> bool {
        self.judges.get(name).is_some()
    }

    /// Resolves the settings of a new evaluation; errors are added to the others of the request.
    pub(super) fn settings(
        &self,
        asked: Option<&ConfigRequest>,
        preferences: &Preferences,
        faults: &mut Vec<FieldError>,
    ) -> EvaluationConfig {
        let asked = asked.cloned().unwrap_or_default();
        let (settings, found) = settings(asked, preferences, &self.config.runs, &|name| {
            self.has_judge(name)
        });
        faults.extend(found);
        settings
    }
}

/// Returns whether the server has a judge of that name.
pub(super) type HasJudge<'a> = &'a dyn Fn(&str) -> bool;

pub(super) fn judge_faults(
    names: Option<&[String]>,
    base: &str,
    has_judge: HasJudge,
) -> Vec<FieldError> {
    let names = names.unwrap_or_default();
    let mut faults = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let pointer = format!("{base}/{place}");
        if !has_judge(name) && name == NEURAL {
            faults.push(FieldError::new(pointer, "is switched off on this server"));
        } else if !has_judge(name) {
            faults.push(FieldError::new(pointer, "there is no judge of that name"));
        } else if names[..place].contains(name) {
            faults.push(FieldError::new(pointer, "is named twice"));
        }
    }
    faults
}

/// Returns the errors in preferences that can be found without the database.
fn preference_faults(preferences: &Preferences, has_judge: HasJudge) -> Vec<FieldError> {
    let config = preferences.config();
    let mut faults = config.faults("");
    let names = config.judges.as_deref();
    faults.extend(judge_faults(names, "/judges", has_judge));
    let most = names.map_or(MAX_QUORUM, |names| names.len().min(MAX_QUORUM));
    if preferences
        .quorum
        .is_some_and(|quorum| !(1..=most).contains(&number(quorum)))
    {
        let detail = "must be 1 to the number of judges, 32 at most";
        faults.push(FieldError::new("/quorum", detail));
    }
    faults
}

/// Resolves settings: those of the request, else the preferred ones, else the server's defaults.
/// Also returns all errors. A preferred judge that the server no longer has is ignored.
fn settings(
    asked: ConfigRequest,
    preferences: &Preferences,
    runs: &Runs,
    has_judge: HasJudge,
) -> (EvaluationConfig, Vec<FieldError>) {
    let mut faults = judge_faults(asked.judges.as_deref(), "/config/judges", has_judge);
    let mut preferred = preferences.config();
    if let Some(names) = &mut preferred.judges {
        names.retain(|name| has_judge(name));
    }
    preferred.judges = preferred.judges.filter(|names| !names.is_empty());
    let usual = preferred.quorum.map_or(runs.quorum, number);
    let without = asked.enable_retrieval == Some(false);
    let config = asked.or(preferred);
    let collection_id = config.collection_id.flatten().filter(|_| !without);
    let judges = config.judges.unwrap_or_else(|| runs.default_judges.clone());
    // The usual quorum is lowered where fewer judges are asked.
    let quorum = config
        .quorum
        .map_or_else(|| usual.min(judges.len()), number);
    if !(1..=judges.len()).contains(&quorum) {
        let detail = format!("must be 1 to {}, the number of judges", judges.len());
        faults.push(FieldError::new("/config/quorum", detail));
    }
    let settings = EvaluationConfig {
        judges,
        quorum,
        // Naming a collection implies that it is to be used.
        enable_retrieval: collection_id.is_some() || config.enable_retrieval.unwrap_or(false),
        collection_id,
        aggregation_strategy: config.aggregation_strategy.unwrap_or_default(),
        deadline_ms: config.deadline_ms.unwrap_or(runs.deadline_ms),
    };
    (settings, faults)
}

fn number(quorum: u64) -> usize {
    usize::try_from(quorum).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "tests/preferences.rs"]
mod tests;
