//! The result of reading a document: its text, or why it has none.

use serde::{Deserialize, Serialize};

/// The text of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extracted {
    /// The document's title, if it has one.
    pub title: Option<String>,
    pub text: String,
}

/// The reason why a document has no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum ExtractError {
    /// The bytes are not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// The text contains U+0000, which PostgreSQL cannot store.
    #[error("the text must not hold the character U+0000")]
    Nul,
    /// The bytes are no valid PDF.
    #[error("the PDF can't be read: {0}")]
    Broken(String),
    /// The document needs a password.
    #[error("the PDF is encrypted: upload it without its password")]
    Encrypted,
    /// The document contains no letters.
    #[error("there is no text in it; if it is scanned, its pages are pictures")]
    NoText,
    /// The text is longer than this number of characters.
    #[error("the text has more than {0} characters")]
    TooLong(usize),
    /// Reading the document would exceed a limit on work.
    #[error(
        "it holds more than can be read: too many pages, fonts, operators, attributes or nested quotes, or \
         parts that unpack to too much; upload it in parts, or as text"
    )]
    TooMuch,
}
