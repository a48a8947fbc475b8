//! What reading a document comes to: its text, or why there is none.

use serde::{Deserialize, Serialize};

/// What was read out of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extracted {
    /// Its title, if it has one.
    pub title: Option<String>,
    pub text: String,
}

/// Why nothing was read out of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum ExtractError {
    /// It is no text.
    #[error("the text is not UTF-8")]
    NotUtf8,
    /// U+0000 is in it.
    #[error("the text must not hold the character U+0000")]
    Nul,
    /// It is not the PDF that it should be.
    #[error("the PDF can't be read: {0}")]
    Broken(String),
    /// It needs a password.
    #[error("the PDF is encrypted: upload it without its password")]
    Encrypted,
    /// There are no letters in it.
    #[error("there is no text in it; if it is scanned, its pages are pictures")]
    NoText,
    /// There are too many.
    #[error("the text has more than {0} characters")]
    TooLong(usize),
    /// Reading it would take too much.
    #[error(
        "it holds more than can be read: too many pages, fonts, operators, attributes or nested quotes, or \
         parts that unpack to too much; upload it in parts, or as text"
    )]
    TooMuch,
}
