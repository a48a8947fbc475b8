//! The panel that gave a result: results of different panels can't be compared.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A judge as it was configured when it judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub(crate) struct StampedJudge {
    /// The judge's configured name.
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
    /// A digest of all the other fields: equal panels have equal fingerprints.
    pub fingerprint: String,
    /// The auditor's version.
    pub release: String,
    /// True if the model in the program was used.
    pub neural: bool,
    /// The judges, sorted by name.
    pub judges: Vec<StampedJudge>,
    /// The hash of the operator's calibration; absent if none was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<String>,
}
