//! What reading one PDF may cost: counted, so that a document is refused at the same place on each machine.

use super::super::extracted::ExtractError;

/// Bytes that all streams of a document may become; a stream counts each time that it is read.
pub(super) const MAX_UNPACKED: usize = 64 << 20;
/// Steps for all pages together: an operator, a string or a glyph that is shown.
pub(super) const MAX_STEPS: usize = 8_000_000;
/// Different fonts that are loaded.
pub(super) const MAX_FONTS: usize = 2_000;
/// Bytes of the streams of all fonts, which are kept or read as tables; part of `MAX_UNPACKED`.
pub(super) const MAX_FONT_BYTES: usize = 32 << 20;
pub(super) const MAX_PAGES: usize = 5_000;
/// Bytes that are looked through for the ends of inline images: the library begins anew at each `EI`.
pub(super) const MAX_IMAGE_SEARCH: usize = 256 << 20;

/// What is left of the bounds above.
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

    /// Bytes that the next stream may become.
    pub(super) const fn unpacked_left(&self) -> usize {
        self.unpacked
    }

    /// Takes what a stream became.
    pub(super) fn unpacked(&mut self, bytes: usize) -> Result<(), ExtractError> {
        take(&mut self.unpacked, bytes)
    }

    /// Takes so many steps.
    pub(super) fn steps(&mut self, count: usize) -> Result<(), ExtractError> {
        take(&mut self.steps, count)
    }

    pub(super) fn font(&mut self) -> Result<(), ExtractError> {
        take(&mut self.fonts, 1)
    }

    /// Takes what a stream of a font became.
    pub(super) fn font_bytes(&mut self, bytes: usize) -> Result<(), ExtractError> {
        take(&mut self.font_bytes, bytes)?;
        self.unpacked(bytes)
    }

    /// Takes the search for the ends of the inline images in some content.
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
