//! Extracts the text of uploaded documents: plain text, Markdown, HTML, PDF.
//!
//! `http`, `service` and `cli` import this module; it imports `text` for the language of a
//! document. It consists of pure functions of untrusted bytes, whose work is counted and
//! limited. Memory that libraries allocate is limited by the process in which a server reads a
//! document (`cli::read_document`). Deliberately absent: splitting into sentences or passages
//! (in `text`), storing (in `store`).

mod extracted;
mod html;
mod markdown;
mod pdf;
mod prose;
mod raised;

pub(crate) use extracted::{ExtractError, Extracted};

/// The format of an uploaded document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// `text/plain`.
    Plain,
    /// `text/markdown`, CommonMark with tables, footnotes and `~~`.
    Markdown,
    /// `text/html`.
    Html,
    /// `application/pdf`.
    Pdf,
}

impl MediaType {
    /// Returns the format that a `Content-Type` names; `None` for other formats, and for texts in
    /// another charset than UTF-8.
    pub(crate) fn from_content_type(value: &str) -> Option<Self> {
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next()?;
        let kinds = [Self::Plain, Self::Markdown, Self::Html, Self::Pdf];
        let kind = kinds
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(essence))?;
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("charset").then_some(value)
        });
        let readable = charset.is_none_or(|charset| {
            ["utf-8", "utf8", "us-ascii"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(charset))
        });
        (readable || kind == Self::Pdf).then_some(kind)
    }

    /// Returns the format for a file's extension; `None` for other extensions.
    pub(crate) fn from_file_name(name: &str) -> Option<Self> {
        let (_, end) = name.rsplit_once('.')?;
        Some(match end.to_ascii_lowercase().as_str() {
            "txt" | "text" => Self::Plain,
            "md" | "markdown" => Self::Markdown,
            "html" | "htm" | "xhtml" => Self::Html,
            "pdf" => Self::Pdf,
            _ => return None,
        })
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Returns the text of a document, of at most `max_chars` characters. Takes
/// long for large documents.
///
/// # Errors
/// Says why there is none; a text is never truncated.
pub(crate) fn extract(
    kind: MediaType,
    bytes: &[u8],
    max_chars: usize,
) -> Result<Extracted, ExtractError> {
    let extracted = match kind {
        MediaType::Pdf => pdf::extract(bytes, max_chars)?,
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|_| ExtractError::NotUtf8)?;
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            match kind {
                // A syntax tree takes a hundred times the size of its text, and a text that
                // consists mostly of markup is of no use.
                MediaType::Markdown if text.chars().nth(2 * max_chars).is_some() => {
                    return Err(ExtractError::TooLong(max_chars));
                }
                MediaType::Markdown => markdown::extract(text)?,
                MediaType::Html => html::extract(text)?,
                MediaType::Plain | MediaType::Pdf => Extracted {
                    title: None,
                    text: text.to_owned(),
                },
            }
        }
    };
    if extracted.text.contains('\0') {
        return Err(ExtractError::Nul);
    }
    if extracted.text.chars().nth(max_chars).is_some() {
        return Err(ExtractError::TooLong(max_chars));
    }
    if !extracted.text.contains(char::is_alphanumeric) {
        return Err(ExtractError::NoText);
    }
    Ok(extracted)
}

#[cfg(test)]
mod tests;
