//! The panel that gave a result: results of different panels can't be compared.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One judge, as it judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub(crate) struct StampedJudge {
    /// The configured name.
    pub name: String,
    /// `openai`, or the kind of an offline judge.
    pub kind: String,
    /// The model's name, as it is configured; for an offline judge its kind and version.
    pub model: String,
    /// The model that the provider says has answered; absent where it did not answer, or does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// Version of the rubric that a language model was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rubric: Option<String>,
}

/// The panel that a result is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PanelStamp {
    /// A digest of all that follows: the same for the same panel.
    pub fingerprint: String,
    /// The auditor's version.
    pub release: String,
    /// Whether the model in the program was used.
    pub neural: bool,
    /// In the order of their names.
    pub judges: Vec<StampedJudge>,
    /// The operator's calibration, by its hash; absent where none was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
}
