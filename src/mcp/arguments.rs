//! The arguments of tools.

use rmcp::model::JsonObject;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::ids::{CollectionId, SessionId};
use crate::protocol::error::{FieldError, Refusal, brief};
use crate::protocol::rest::SourceText;

/// Arguments of `audit`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditArguments {
    /// The text that the output has to hold to. Give this or `sources`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200_000)]
    pub source_text: Option<String>,
    /// Several texts that the output has to hold to, each with a name, instead of `source_text`. Citations in the
    /// output, such as `[1]` or `[name]`, are checked against them.
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
    /// Names of the judges to ask. Left out: the account's own choice, else the server's.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 32)]
    pub judges: Option<Vec<String>>,
    /// A collection of documents that counts beside the source.
    #[serde(default)]
    pub collection_id: Option<CollectionId>,
    /// For how many seconds to wait for the result. An audit that takes longer goes on, and `get_evaluation` has
    /// its result later.
    #[serde(default = "patience")]
    #[schema(minimum = 1, maximum = 600, default = 50)]
    pub wait_s: u64,
}

/// The default of `wait_s`: clients commonly give up a call after 60 seconds.
const fn patience() -> u64 {
    50
}

/// Arguments of `check_claims`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckClaimsArguments {
    /// The statements to check, each by itself.
    #[schema(min_items = 1, max_items = 100)]
    pub claims: Vec<String>,
    /// The text to check them against. Give this or `sources`.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200_000)]
    pub source_text: Option<String>,
    /// Several texts to check them against, each with a name, instead of `source_text`.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50)]
    pub sources: Option<Vec<SourceText>>,
}

/// Arguments of `get_evaluation`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetEvaluationArguments {
    /// The id that `audit` answered with.
    pub evaluation_id: SessionId,
}

/// Arguments of `search_collection`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchCollectionArguments {
    /// The collection, by its id or its name.
    #[schema(min_length = 1, max_length = 100)]
    pub collection: String,
    /// Words to look for, or a whole statement.
    #[schema(min_length = 1, max_length = 1000)]
    pub query: String,
    /// Passages at most.
    #[serde(default = "ten")]
    #[schema(minimum = 1, maximum = 50, default = 10)]
    pub limit: i64,
}

const fn ten() -> i64 {
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
