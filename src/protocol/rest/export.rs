//! The query and the formats of an evaluation's export to a file.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// The evaluation as REST shows it.
    Json,
    /// A row for each claim and judge.
    Csv,
    /// A page that needs nothing else.
    Html,
    /// The same to print.
    Pdf,
}

impl Format {
    /// The extension of the file's name, without the dot.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Pdf => "pdf",
        }
    }

    /// The value of `Content-Type`.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Query of `GET /evaluations/{id}/export`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// What kind of file.
    #[param(inline)]
    pub format: Format,
}
