//! The arguments of tools.

use rmcp::model::JsonObject;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::ids::{CollectionId, SessionId};
use crate::protocol::error::{FieldError, Refusal, brief};
use crate::protocol::rest::SourceText;

/// The arguments of `audit`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditArguments {
    /// The text that the output is checked against. Give either this or `sources`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200_000)]
    pub source_text: Option<String>,
    /// Several texts with names that the output is checked against, instead of `source_text`. Citations in the output,
    /// such as `[1]` or `[name]`, are checked too.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    pub sources: Option<Vec<SourceText>>,
    /// The output to audit, such as a model's answer or a summary.
    #[schema(min_length = 1, max_length = 50_000)]
    pub candidate_output: String,
    /// The question that the output answers, if it answers one.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub question: Option<String>,
    /// The names of the judges to ask. Default: the account's preference, otherwise the server's.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// A collection whose documents count in addition to the source.
    #[serde(default)]
    pub collection_id: Option<CollectionId>,
    /// The maximum time to wait for the result, in seconds. An audit that takes longer continues, and `get_evaluation`
    /// returns its result later.
    #[serde(default = "default_wait_s")]
    #[schema(minimum = 1, maximum = 600, default = 50)]
    pub wait_s: u64,
}

/// The default of `wait_s`: clients commonly give up a call after 60 seconds.
const fn default_wait_s() -> u64 {
    50
}

/// The arguments of `check_claims`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckClaimsArguments {
    /// The statements to check; each is checked by itself.
    #[schema(min_items = 1, max_items = 100)]
    pub claims: Vec<String>,
    /// The text that the claims are checked against. Give either this or `sources`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200_000)]
    pub source_text: Option<String>,
    /// Several texts with names that the claims are checked against, instead of `source_text`.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    pub sources: Option<Vec<SourceText>>,
}

/// The arguments of `get_evaluation`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetEvaluationArguments {
    /// The id that `audit` returned.
    pub evaluation_id: SessionId,
}

/// The arguments of `search_collection`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchCollectionArguments {
    /// The id or the name of the collection.
    #[schema(min_length = 1, max_length = 100)]
    pub collection: String,
    /// The words to search for, or a whole statement.
    #[schema(min_length = 1, max_length = 1000)]
    pub query: String,
    /// The maximum number of passages.
    #[serde(default = "default_limit")]
    #[schema(minimum = 1, maximum = 50, default = 10)]
    pub limit: i64,
}

const fn default_limit() -> i64 {
    10
}

/// Deserializes arguments.
///
/// # Errors
/// `validation`, which names the invalid fields.
pub(super) fn read<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let path = error.path().to_string();
        let pointer = match path.as_str() {
            "." => String::new(),
            path => format!("/{}", path.replace('.', "/")),
        };
        let detail = brief(&error.into_inner().to_string());
        Refusal::invalid(vec![FieldError::new(pointer, detail)])
    })
}

#[cfg(test)]
#[path = "tests/arguments.rs"]
mod tests;
