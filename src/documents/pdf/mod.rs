//! Extracts the text of a PDF, page by page.
//!
//! `hayro` parses the syntax and the fonts, and reads an object when it is asked for; this module
//! determines the positions of text. Each step is counted (`budget`). Tables that the library
//! decodes by itself are limited by the process in which a document is read (`cli::read_document`).

mod bidi;
mod budget;
mod columns;
mod content;
mod filters;
mod fonts;
mod hyphens;
mod layout;
mod line;
mod matrix;
#[cfg(test)]
mod tests;

use hayro_syntax::object::{Array, Stream};
use hayro_syntax::page::Page as Leaf;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use super::extracted::{ExtractError, Extracted};
use budget::Budget;
use content::Interpreter;
use filters::{Unpacked, unpack};
use fonts::Fonts;
use layout::Page;

/// Maximum length of a title, in characters.
const MAX_TITLE: usize = 200;

/// Reads a document of at most `max_chars` characters.
pub(super) fn extract(bytes: &[u8], max_chars: usize) -> Result<Extracted, ExtractError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => {
            ExtractError::Broken("it is encrypted in a way that is not known".into())
        }
        LoadPdfError::Decryption(_) => ExtractError::Encrypted,
        LoadPdfError::Invalid => ExtractError::Broken("it has no pages that can be found".into()),
    })?;
    let mut budget = Budget::new();
    let mut fonts = Fonts::new();
    let (mut text, mut chars) = (String::new(), 0);
    let pages = pdf.pages();
    if pages.len() > budget::MAX_PAGES {
        return Err(ExtractError::TooMuch);
    }
    for leaf in pages.iter() {
        let content = content(leaf, &mut budget)?;
        let mut page = Page::new(max_chars);
        let mut interpreter = Interpreter {
            fonts: &mut fonts,
            budget: &mut budget,
            page: &mut page,
        };
        interpreter.page(&content, leaf.resources())?;
        let page = page.finish();
        chars += page.chars().count();
        if chars > max_chars {
            return Err(ExtractError::TooLong(max_chars));
        }
        if !page.is_empty() && !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&page);
    }
    let title = pdf.metadata().title.as_deref().map(decoded);
    Ok(Extracted {
        title: title.and_then(|title| shortened(&title)),
        text: hyphens::joined(&text),
    })
}

/// Returns the concatenated content streams of a page.
fn content(leaf: &Leaf<'_>, budget: &mut Budget) -> Result<Vec<u8>, ExtractError> {
    let dict = leaf.raw();
    let mut streams: Vec<Stream<'_>> = Vec::new();
    if let Some(stream) = dict.get::<Stream<'_>>("Contents") {
        streams.push(stream);
    } else if let Some(array) = dict.get::<Array<'_>>("Contents") {
        for stream in array.iter::<Stream<'_>>() {
            budget.steps(1)?;
            streams.push(stream);
        }
    }
    let mut content = Vec::new();
    for stream in streams {
        match unpack(&stream, budget.unpacked_left()) {
            Unpacked::Whole(bytes) | Unpacked::Part(bytes) => {
                budget.unpacked(bytes.len())?;
                content.extend(bytes);
                content.push(b'\n');
            }
            Unpacked::TooMuch => return Err(ExtractError::TooMuch),
        }
    }
    Ok(content)
}

/// Decodes a text string: UTF-16 or UTF-8 with a byte order mark, or one byte per character.
fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).filter_map(Result::ok).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // PDFDocEncoding has quotes and dashes at these codes; a title does without them.
        _ => bytes
            .iter()
            .filter(|byte| !matches!(byte, 0x18..=0x1f | 0x7f..=0x9f))
            .map(|byte| char::from(*byte))
            .collect(),
    }
}

fn shortened(title: &str) -> Option<String> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let title: String = words
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_TITLE)
        .collect();
    (!title.is_empty()).then_some(title)
}
