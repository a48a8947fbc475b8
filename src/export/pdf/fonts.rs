//! Fonts: the embedded DejaVu Sans (Latin, Greek, Cyrillic, Arabic, Hebrew and more), and fonts of
//! the machine for characters that it lacks.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use parley::FontContext;
use parley::fontique::{
    Blob, Collection, CollectionOptions, FontInfo, FontInfoOverride, FontWeight, SourceCache,
};
use parley::style::FontFamilyName;

/// Maximum number of the machine's fonts in one document.
const MOST_FALLBACKS: usize = 8;

/// Maximum number of characters listed in the notice.
const MOST_NAMED: usize = 12;

/// Font folders of the supported operating systems.
const PLACES: [&str; 5] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
];

pub(super) struct Fonts {
    pub(super) context: FontContext,
    pub(super) families: Vec<FontFamilyName<'static>>,
    lacking: BTreeSet<char>,
    lacking_in_all: usize,
}

/// A font of the machine, with the name that determines its order.
type Face = (String, FontInfo);

/// Read once, when a text first needs a font of the machine.
static OF_THE_MACHINE: LazyLock<Vec<Face>> = LazyLock::new(|| {
    let mut collection = empty();
    collection.load_fonts_from_paths(PLACES);
    let families: Vec<_> = collection.family_ids().collect();
    let mut faces: Vec<Face> = families
        .into_iter()
        .filter_map(|id| collection.family(id))
        .flat_map(|family| {
            let face = |font: &FontInfo| (family.name().to_owned(), font.clone());
            let upright = family.match_index(
                Default::default(),
                Default::default(),
                FontWeight::NORMAL,
                false,
            );
            let font = upright.and_then(|at| family.fonts().get(at)).map(face);
            font.into_iter().collect::<Vec<_>>()
        })
        .collect();
    faces.sort_by(|one, other| one.0.cmp(&other.0));
    faces
});

fn empty() -> Collection {
    Collection::new(CollectionOptions {
        shared: false,
        system_fonts: false,
    })
}

impl Fonts {
    /// Selects the fonts that the text needs.
    pub(super) fn for_text(text: &str) -> Self {
        let mut fonts = Self {
            context: FontContext {
                collection: empty(),
                source_cache: SourceCache::default(),
            },
            families: Vec::new(),
            lacking: text.chars().filter(|c| is_drawn(*c)).collect(),
            lacking_in_all: 0,
        };
        fonts.add("Embedded", Blob::new(Arc::new(dejavu::sans::regular())));
        fonts.add_bold(Blob::new(Arc::new(dejavu::sans::bold())));
        if !fonts.lacking.is_empty() {
            fonts.fall_back();
        }
        fonts.lacking_in_all = text.chars().filter(|c| fonts.lacking.contains(c)).count();
        fonts
    }

    /// The document's notice about characters that no font contains.
    pub(super) fn notice(&self) -> Option<String> {
        if self.lacking.is_empty() {
            return None;
        }
        let named = self.lacking.iter().take(MOST_NAMED);
        let named: Vec<String> = named.map(|c| format!("U+{:04X}", u32::from(*c))).collect();
        let more = if self.lacking.len() > MOST_NAMED {
            ", …"
        } else {
            ""
        };
        Some(format!(
            "Not shown in this PDF: {} characters ({} different: {}{more}), for which this server has no \
             font. An empty box stands for each. The other formats have all of them.",
            self.lacking_in_all,
            self.lacking.len(),
            named.join(", ")
        ))
    }

    fn fall_back(&mut self) {
        for number in 1..=MOST_FALLBACKS {
            let missing = &self.lacking;
            // Of the fonts with the most characters the first by name, so that the choice
            // is always the same.
            let counted = OF_THE_MACHINE
                .iter()
                .map(|face| (has(&face.1, missing), face));
            let best = counted.rev().max_by_key(|(count, _)| *count);
            let Some((1.., (_, font))) = best else { break };
            let Some(blob) = font.load(None) else { break };
            let before = missing.len();
            self.add(&format!("Fallback {number}"), blob);
            if self.lacking.len() == before {
                break;
            }
        }
    }

    /// Registers a font under a unique name, and removes its characters from the missing ones.
    fn add(&mut self, name: &str, blob: Blob<u8>) {
        let named = FontInfoOverride {
            family_name: Some(name),
            ..Default::default()
        };
        let added = self.context.collection.register_fonts(blob, Some(named));
        for font in added.iter().flat_map(|(_, fonts)| fonts) {
            strike_off(font, &mut self.lacking);
        }
        self.families
            .push(FontFamilyName::Named(name.to_owned().into()));
    }

    fn add_bold(&mut self, blob: Blob<u8>) {
        let named = FontInfoOverride {
            family_name: Some("Embedded"),
            ..Default::default()
        };
        self.context.collection.register_fonts(blob, Some(named));
    }
}

/// The number of the characters that a font can draw.
fn has(font: &FontInfo, missing: &BTreeSet<char>) -> usize {
    let Some(blob) = font.load(None) else {
        return 0;
    };
    if !has_outlines(blob.as_ref(), font.index()) {
        return 0;
    }
    let Some(charmap) = font.charmap_index().charmap(blob.as_ref()) else {
        return 0;
    };
    let found = missing
        .iter()
        .filter(|c| charmap.map(**c).is_some_and(|glyph| glyph != 0));
    found.count()
}

fn strike_off(font: &FontInfo, missing: &mut BTreeSet<char>) {
    let Some(blob) = font.load(None) else { return };
    if let Some(charmap) = font.charmap_index().charmap(blob.as_ref()) {
        missing.retain(|c| charmap.map(*c).is_none_or(|glyph| glyph == 0));
    }
}

/// Returns true if a font has an outline table in its directory. Bitmap glyphs, the only ones of
/// some emoji fonts, are not drawn.
fn has_outlines(data: &[u8], index: u32) -> bool {
    let long = |at: usize| {
        let bytes = data.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
    };
    let start = if data.starts_with(b"ttcf") {
        long(12 + 4 * index as usize)
    } else {
        Some(0)
    };
    let Some(start) = start else { return false };
    let count = data.get(start + 4..start + 6).map_or(0, |bytes| {
        usize::from(bytes[0]) << 8 | usize::from(bytes[1])
    });
    (0..count).any(|record| {
        let at = start + 12 + 16 * record;
        matches!(data.get(at..at + 4), Some(b"glyf" | b"CFF " | b"CFF2"))
    })
}

/// Returns true if a character has a visible glyph, which white space and direction
/// marks do not have.
fn is_drawn(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
#[path = "tests/fonts.rs"]
mod tests;
