//! The query and the formats of an evaluation's export to a file.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// The type of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// The evaluation as REST returns it.
    Json,
    /// A table with a row for each claim and judge.
    Csv,
    /// A self-contained HTML page.
    Html,
    /// The same page as a PDF, for printing.
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

/// The query of `GET /evaluations/{id}/export`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// The type of the file.
    #[param(inline)]
    pub format: Format,
}
