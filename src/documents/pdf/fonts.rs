//! The fonts of a PDF: the characters that their codes stand for, and the glyphs' widths.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_font::hayro_cmap::{BfString, load_embedded};
use hayro_font::{CMapResolverFn, FontCache, FontData, FontGlyph, FontResolverFn, UNITS_PER_EM};
use hayro_syntax::object::{Array, Dict, Number, Object, Stream};
use unicode_normalization::UnicodeNormalization;

use super::super::extracted::ExtractError;
use super::budget::Budget;
use super::filters::{Unpacked, unpack};

/// Maximum number of codes in one line of a width table, because the library stores each.
const MAX_RANGE: i64 = 0xffff;
/// Width of a glyph that no table contains, in ems.
const UNKNOWN_WIDTH: f64 = 0.5;
/// Maximum number of characters for one code.
const MAX_CHARS: usize = 16;

/// A decoded character code with its metrics.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    /// The characters that it stands for; empty if unknown.
    pub(super) text: Rc<str>,
    /// The horizontal advance to the next glyph, in ems; `down` is the vertical advance.
    pub(super) across: f64,
    pub(super) down: f64,
    /// True for the one-byte code 32, to which word spacing applies.
    pub(super) is_blank: bool,
}

pub(super) struct Font<'a> {
    font: hayro_font::Font<'a>,
    /// True if each code is one byte, and most codes are letters.
    is_simple: bool,
    /// The codes looked up so far, because some of the library's tables are searched linearly.
    seen: std::cell::RefCell<HashMap<u32, Shown>>,
}

impl Font<'_> {
    /// Decodes a string into its codes.
    pub(super) fn codes<'s>(&'s self, bytes: &'s [u8]) -> impl Iterator<Item = Shown> + 's {
        let mut at = 0;
        std::iter::from_fn(move || {
            if at >= bytes.len() {
                return None;
            }
            let (code, length) = self.font.read_code(bytes, at);
            at += length.max(1);
            let mut seen = self.seen.borrow_mut();
            let shown = seen.entry(code).or_insert_with(|| self.look_up(code));
            let is_blank = length == 1 && code == 32;
            Some(Shown {
                is_blank,
                ..shown.clone()
            })
        })
    }

    fn look_up(&self, code: u32) -> Shown {
        let unicode = match self.font.glyph(self.font.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        let text = match unicode {
            Some(BfString::Char(character)) => plain(&character.to_string()),
            Some(BfString::String(text)) => plain(&text),
            None if self.is_simple => unnamed(code).to_owned(),
            None => String::new(),
        };
        let advance = self.font.code_advance(code);
        let em = f64::from(UNITS_PER_EM);
        let (mut across, down) = (finite(advance.x / em), finite(advance.y / em));
        if across == 0.0 && down == 0.0 && text.chars().any(char::is_alphanumeric) {
            across = UNKNOWN_WIDTH;
        }
        Shown {
            text: text.into(),
            across,
            down,
            is_blank: false,
        }
    }

    pub(super) fn is_horizontal(&self) -> bool {
        self.font.is_horizontal()
    }
}

/// Guesses the text of a code whose glyph name has no meaning: the ASCII letter, or a ligature of
/// TeX's two encodings, whose bitmap fonts name glyphs by numbers.
fn unnamed(code: u32) -> &'static str {
    const ASCII: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
        abcdefghijklmnopqrstuvwxyz{|}~";
    match code {
        11 | 27 => "ff",
        12 | 28 => "fi",
        13 | 29 => "fl",
        14 | 30 => "ffi",
        15 | 31 => "ffl",
        0x21..=0x7e => {
            let at = code as usize - 0x20;
            &ASCII[at..=at]
        }
        _ => "",
    }
}

fn finite(number: f64) -> f64 {
    if number.is_finite() { number } else { 0.0 }
}

/// Replaces presentation forms such as ligatures by ordinary letters.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars().take(MAX_CHARS) {
        match character {
            // Latin, Armenian and Hebrew ligatures; presentation forms of Arabic letters.
            '\u{fb00}'..='\u{fb4f}' | '\u{fb50}'..='\u{fdcf}' | '\u{fe70}'..='\u{fefc}' => {
                plain.extend(character.nfkc());
            }
            '\u{a0}' | '\t' | '\n' | '\r' => plain.push(' '),
            // Private-use characters have no meaning outside their font.
            '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{feff}' => {}
            control if control.is_control() => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The fonts of a document, each loaded once however many pages use it.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    programs: FontResolverFn,
    maps: CMapResolverFn,
    /// Keyed by the address and length of the font's dictionary.
    loaded: HashMap<(usize, usize), Option<Rc<Font<'a>>>>,
}

impl<'a> Fonts<'a> {
    pub(super) fn new() -> Self {
        // Only widths and characters are needed, so that any font program will do where
        // the document embeds none.
        let any: FontData = Arc::new(dejavu::sans::regular());
        Self {
            cache: FontCache::new(),
            programs: Arc::new(move |_| Some((Arc::clone(&any), 0))),
            maps: Arc::new(load_embedded),
            loaded: HashMap::new(),
        }
    }

    /// Returns the font that a dictionary describes; `None` if it cannot be read.
    pub(super) fn font(
        &mut self,
        dict: &Dict<'a>,
        budget: &mut Budget,
    ) -> Result<Option<Rc<Font<'a>>>, ExtractError> {
        let key = (dict.data().as_ptr().addr(), dict.data().len());
        if let Some(font) = self.loaded.get(&key) {
            return Ok(font.clone());
        }
        budget.font()?;
        let font = is_readable(dict, budget)?
            .then(|| self.cache.font(dict, &self.programs, &self.maps))
            .flatten()
            .map(|font| {
                Rc::new(Font {
                    font,
                    is_simple: !dict.contains_key("DescendantFonts"),
                    seen: HashMap::new().into(),
                })
            });
        self.loaded.insert(key, font.clone());
        Ok(font)
    }
}

/// Returns true if the library can load a font within the budget. Broken streams are excluded,
/// because the size of what the library would make of them is unknown.
fn is_readable(dict: &Dict<'_>, budget: &mut Budget) -> Result<bool, ExtractError> {
    let mut readable = true;
    let descendants = dict.get::<Array<'_>>("DescendantFonts");
    let descendant = descendants.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    for dict in [Some(dict), descendant.as_ref()].into_iter().flatten() {
        let descriptor = dict.get::<Dict<'_>>("FontDescriptor");
        let program = |key| {
            descriptor
                .as_ref()
                .and_then(|found| found.get::<Stream<'_>>(key))
        };
        let streams =
            ["ToUnicode", "Encoding", "CIDToGIDMap"].map(|key| dict.get::<Stream<'_>>(key));
        let programs = ["FontFile", "FontFile2", "FontFile3"].map(program);
        for stream in streams.into_iter().chain(programs).flatten() {
            match unpack(&stream, budget.unpacked_left()) {
                Unpacked::Whole(bytes) => budget.font_bytes(bytes.len())?,
                Unpacked::Part(_) => readable = false,
                Unpacked::TooMuch => return Err(ExtractError::TooMuch),
            }
        }
        // The library stores a width for each code before the first.
        for key in ["FirstChar", "LastChar"] {
            let code = dict.get::<Number>(key).map(|code| code.as_i64());
            readable &= code.is_none_or(|code| (0..=MAX_RANGE).contains(&code));
        }
        for key in ["W", "W2"] {
            if let Some(widths) = dict.get::<Array<'_>>(key) {
                readable &= has_short_ranges(&widths, budget)?;
            }
        }
    }
    Ok(readable)
}

/// Returns true if no line `first last …` of a width table names more codes than a font can have.
fn has_short_ranges(widths: &Array<'_>, budget: &mut Budget) -> Result<bool, ExtractError> {
    let mut before: Option<i64> = None;
    for object in widths.iter::<Object<'_>>() {
        budget.steps(1)?;
        before = match (object, before) {
            (Object::Number(number), Some(first)) if number.as_i64() - first > MAX_RANGE => {
                return Ok(false);
            }
            (Object::Number(number), _) => Some(number.as_i64()),
            _ => None,
        };
    }
    Ok(true)
}
