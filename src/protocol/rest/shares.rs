//! Bodies of the requests and responses on links through which others read an evaluation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evaluations::{ClaimView, EvaluationView, whole};
use crate::domain::ids::ShareId;
use crate::domain::injection::Place;
use crate::domain::report::JudgeReport;
use crate::domain::result::AuditResult;
use crate::domain::run::Status;
use crate::domain::settings::EvaluationConfig;
use crate::domain::source::NamedSource;
use crate::protocol::error::FieldError;
use crate::protocol::rfc3339_millis;

/// Default lifetime of a link, in seconds: one week.
const USUAL_LIFE_S: u64 = 7 * 24 * 3600;

/// The body of `POST /evaluations/{id}/shares`; it may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateShare {
    /// The lifetime of the link in seconds.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 60, maximum = 31_536_000, default = 604_800)]
    pub expires_in_s: Option<u64>,
    /// True if the link shows what was found in collections: the names of the documents, the passages, and what judges
    /// said of them. Otherwise it shows the source only.
    #[serde(default)]
    pub show_documents: bool,
}

impl CreateShare {
    /// Returns a fault for each invalid value; empty if all are valid.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let fits = (60..=31_536_000).contains(&self.lifetime_s());
        let fault = || FieldError::new("/expires_in_s", "must be 60 to 31536000");
        (!fits).then(fault).into_iter().collect()
    }

    /// The requested lifetime in seconds, or the default of one week.
    pub(crate) fn lifetime_s(&self) -> u64 {
        self.expires_in_s.unwrap_or(USUAL_LIFE_S)
    }
}

/// A new link with its token, which is returned only once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewShareView {
    /// The link's id, by which it is revoked.
    pub id: ShareId,
    /// The path of the page. With `Accept: application/json`, and below the base path of the API, it is the result
    /// itself.
    #[schema(example = "/shared/8mYq0u2oU2nS3v5nq0T3mQ6Yx1JtCkKf0o1s7G2b9aE")]
    pub url: String,
    /// The time at which the link was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which the link expires.
    #[serde(with = "rfc3339_millis")]
    pub expires_at: DateTime<Utc>,
    /// True if the link shows what was found in collections.
    pub show_documents: bool,
}

/// A link without its token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareView {
    /// The link's id, by which it is revoked.
    pub id: ShareId,
    /// The time at which the link was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which the link expires.
    #[serde(with = "rfc3339_millis")]
    pub expires_at: DateTime<Utc>,
    /// True if the link shows what was found in collections.
    pub show_documents: bool,
}

/// The links to an evaluation that are valid.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharesView {
    /// The links, the oldest first.
    pub items: Vec<ShareView>,
}

/// An evaluation as a link shows it, without its owner.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedView {
    /// The state of the evaluation.
    pub status: Status,
    /// The source, as sent; several sources follow one another.
    pub source_text: String,
    /// The names of several sources, and their positions in `source_text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<NamedSource>,
    /// The model's output, as sent.
    pub candidate_output: String,
    /// The question, as sent.
    pub question: Option<String>,
    /// The complete settings, defaults included.
    pub config: EvaluationConfig,
    /// The time at which the evaluation was created.
    #[serde(with = "rfc3339_millis")]
    pub created_at: DateTime<Utc>,
    /// The time at which its last run started.
    #[serde(with = "rfc3339_millis::option")]
    pub started_at: Option<DateTime<Utc>>,
    /// The time at which its last run ended.
    #[serde(with = "rfc3339_millis::option")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The result with all figures; null unless the last run completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<AuditResult>,
    /// The claims of the last run.
    pub claims: Vec<ClaimView>,
    /// The judges of the last run, in the order of their answers.
    pub judges: Vec<JudgeReport>,
    /// True if the owner's documents were used and the link does not show them: evidence from them is left out, and so
    /// are the words of judges and rules, which may quote them.
    pub documents_withheld: bool,
}

/// Substitute for text that may quote a document.
const WITHHELD: &str = "Not shown by this link: it may quote documents of the owner.";

impl From<EvaluationView> for SharedView {
    fn from(view: EvaluationView) -> Self {
        Self {
            status: view.status,
            source_text: view.source_text,
            sources: view.sources,
            candidate_output: view.candidate_output,
            question: view.question,
            config: view.config,
            created_at: view.created_at,
            started_at: view.started_at,
            completed_at: view.completed_at,
            result: view.result,
            claims: view.claims,
            judges: view.judges,
            documents_withheld: false,
        }
    }
}

impl SharedView {
    /// Removes the owner's documents: evidence from them, their names and ids, and all text that
    /// may quote them. Figures, labels, and what depends on the source alone are kept.
    #[must_use]
    pub(crate) fn without_documents(mut self) -> Self {
        let from_document = |claim: &ClaimView| {
            let mut evidence = claim.evidence.iter();
            evidence.any(|evidence| evidence.document.is_some())
        };
        if self.config.collection_id.is_none() && !self.claims.iter().any(from_document) {
            return self;
        }
        self.documents_withheld = true;
        self.config.collection_id = None;
        for claim in &mut self.claims {
            let by_source_alone = !claim.evidence.is_empty() && !from_document(claim);
            claim
                .evidence
                .retain(|evidence| evidence.document.is_none());
            if !by_source_alone && claim.reasoning.is_some() {
                claim.reasoning = Some(WITHHELD.to_owned());
            }
        }
        for judge in &mut self.judges {
            WITHHELD.clone_into(&mut judge.reasoning);
            judge.error = judge.error.take().map(|_| WITHHELD.to_owned());
            for issue in &mut judge.flagged_issues {
                WITHHELD.clone_into(&mut issue.description);
                issue.unmatched_quote = None;
            }
        }
        let injection = self
            .result
            .as_mut()
            .and_then(|result| result.injection.as_mut());
        if let Some(found) = injection {
            let before = found.signs.len();
            found.signs.retain(|sign| sign.place != Place::Document);
            found.total -= before - found.signs.len();
        }
        self
    }
}
