//! The tools, with their names, required scopes and descriptions for a model.

use std::sync::LazyLock;

use rmcp::model::{Tool as Description, ToolAnnotations};
use utoipa::ToSchema;

use crate::domain::credential::Scope;

use super::answers::{AuditAnswer, CheckClaimsAnswer, SearchCollectionAnswer};
use super::arguments::{
    AuditArguments, CheckClaimsArguments, GetEvaluationArguments, SearchCollectionArguments,
};
use super::schema::schema_of;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Audit,
    CheckClaims,
    GetEvaluation,
    SearchCollection,
}

impl Tool {
    /// All tools, in the order in which they are listed.
    pub(super) const ALL: [Self; 4] = [
        Self::Audit,
        Self::CheckClaims,
        Self::GetEvaluation,
        Self::SearchCollection,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::CheckClaims => "check_claims",
            Self::GetEvaluation => "get_evaluation",
            Self::SearchCollection => "search_collection",
        }
    }

    /// Returns the scope that a caller needs for the tool.
    pub(super) const fn needs(self) -> Scope {
        match self {
            Self::Audit | Self::CheckClaims => Scope::Audit,
            Self::GetEvaluation | Self::SearchCollection => Scope::Read,
        }
    }

    /// Returns the description that clients receive. It is built once.
    pub(super) fn description(self) -> &'static Description {
        static MADE: LazyLock<[Description; 4]> = LazyLock::new(|| Tool::ALL.map(describe));
        &MADE[self as usize]
    }
}

fn describe(tool: Tool) -> Description {
    match tool {
        Tool::Audit => description_of::<AuditArguments, AuditAnswer>(
            tool,
            "Audit an output against its sources",
            "Checks if a model's output is supported by its source or sources. Splits the output into claims, gives \
             each a verdict (SUPPORTED, REFUTED or NOT_ENOUGH_INFO) with its evidence, asks several \
             judges, and returns one probability that the sources support all of it. The result is stored: \
             get_evaluation reads it again. Use it before you rely on, or pass on, a summary or an answer.",
            // Not read-only, because the result is stored; open world, because judges may be remote
            // language models.
            hints(false, true),
        ),
        Tool::CheckClaims => description_of::<CheckClaimsArguments, CheckClaimsAnswer>(
            tool,
            "Check single statements against sources",
            "Checks statements one by one against a source or sources, without any language model: a verdict, \
             probabilities and evidence for each. Answers within seconds, stores nothing, and sends nothing to \
             other machines. Use it for a few statements; use audit for a whole text.",
            hints(true, false),
        ),
        Tool::GetEvaluation => description_of::<GetEvaluationArguments, AuditAnswer>(
            tool,
            "Read an audit",
            "Reads an audit by the id that audit returned: its state and, once it is completed, its \
             result.",
            hints(true, false),
        ),
        Tool::SearchCollection => {
            description_of::<SearchCollectionArguments, SearchCollectionAnswer>(
                tool,
                "Search a collection of documents",
                "Finds the passages of a collection of the account's own documents that are relevant to some words or a \
             statement. Use it to find sources for an audit.",
                hints(true, false),
            )
        }
    }
}

fn description_of<In: ToSchema, Out: ToSchema>(
    tool: Tool,
    title: &str,
    description: &'static str,
    hints: ToolAnnotations,
) -> Description {
    Description::new(tool.name(), description, schema_of::<In>())
        .with_title(title)
        .with_raw_output_schema(schema_of::<Out>())
        .with_annotations(hints)
}

/// Creates annotations; none of the tools is destructive.
fn hints(read_only: bool, open_world: bool) -> ToolAnnotations {
    ToolAnnotations::new()
        .read_only(read_only)
        .destructive(false)
        .idempotent(read_only)
        .open_world(open_world)
}

#[cfg(test)]
#[path = "tests/tools.rs"]
mod tests;
