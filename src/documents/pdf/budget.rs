//! Limits on the cost of reading one PDF. It is counted rather than timed, so that every machine
//! rejects the same documents.

use super::super::extracted::ExtractError;

/// Maximum size of all decoded streams of a document, in bytes; a stream counts each time
/// that it is read.
pub(super) const MAX_UNPACKED: usize = 64 << 20;
/// Maximum number of steps on all pages together. A step is an operator, a string or a glyph.
pub(super) const MAX_STEPS: usize = 8_000_000;
/// Maximum number of different fonts.
pub(super) const MAX_FONTS: usize = 2_000;
/// Maximum size of the decoded streams of all fonts, in bytes, as they are kept or parsed as
/// tables; they also count in `MAX_UNPACKED`.
pub(super) const MAX_FONT_BYTES: usize = 32 << 20;
pub(super) const MAX_PAGES: usize = 5_000;
/// Maximum number of bytes that are searched for the ends of inline images: the library starts
/// anew at each `EI`.
pub(super) const MAX_IMAGE_SEARCH: usize = 256 << 20;

/// The remaining amounts of the limits above.
#[derive(Debug)]
pub(super) struct Budget {
    unpacked: usize,
    steps: usize,
    fonts: usize,
    font_bytes: usize,
    image_search: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            unpacked: MAX_UNPACKED,
            steps: MAX_STEPS,
            fonts: MAX_FONTS,
            font_bytes: MAX_FONT_BYTES,
            image_search: MAX_IMAGE_SEARCH,
        }
    }

    /// Maximum size of the next decoded stream, in bytes.
    pub(super) const fn unpacked_left(&self) -> usize {
        self.unpacked
    }

    pub(super) fn unpacked(&mut self, bytes: usize) -> Result<(), ExtractError> {
        take(&mut self.unpacked, bytes)
    }

    pub(super) fn steps(&mut self, count: usize) -> Result<(), ExtractError> {
        take(&mut self.steps, count)
    }

    pub(super) fn font(&mut self) -> Result<(), ExtractError> {
        take(&mut self.fonts, 1)
    }

    /// Counts the decoded stream of a font.
    pub(super) fn font_bytes(&mut self, bytes: usize) -> Result<(), ExtractError> {
        take(&mut self.font_bytes, bytes)?;
        self.unpacked(bytes)
    }

    /// Counts the search for the ends of inline images in a content stream.
    pub(super) fn inline_images(&mut self, content: &[u8]) -> Result<(), ExtractError> {
        let pairs = |wanted: &[u8; 2]| content.windows(2).filter(|pair| pair == wanted).count();
        let begins = pairs(b"BI");
        if begins == 0 {
            return Ok(());
        }
        let searches = begins + pairs(b"EI");
        take(
            &mut self.image_search,
            searches.saturating_mul(content.len()),
        )
    }
}

fn take(left: &mut usize, count: usize) -> Result<(), ExtractError> {
    *left = left.checked_sub(count).ok_or(ExtractError::TooMuch)?;
    Ok(())
}
