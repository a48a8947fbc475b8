//! The text of uploaded documents.

/// What kind of document was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `text/plain`.
    Plain,
}

impl MediaType {
    /// The kind that a `Content-Type` names.
    pub fn from_content_type(value: &str) -> Option<Self> {
        value
            .trim()
            .eq_ignore_ascii_case("text/plain")
            .then_some(Self::Plain)
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        "text/plain"
    }
}

/// What was read out of a document.
#[derive(Debug)]
pub struct Extracted {
    /// Its title, if it names one.
    pub title: Option<String>,
    /// Its text.
    pub text: String,
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// It is no text.
    #[error("the text is not UTF-8")]
    NotUtf8,
}

/// The text of a document.
///
/// # Errors
/// Why there is none.
pub fn extract(_: MediaType, bytes: &[u8], _: usize) -> Result<Extracted, ExtractError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ExtractError::NotUtf8)?;
    Ok(Extracted {
        title: None,
        text: text.to_owned(),
    })
}
