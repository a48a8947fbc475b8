//! Detects encoded text, which only a machine reads: base64, hexadecimal, percent-encoding,
//! character references, escape sequences, binary digits.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Minimum length of a run that is decoded, in characters.
const SHORTEST: usize = 20;
/// Length from which a base64 run of mixed characters is suspicious whatever it contains; tokens
/// and hashes are shorter.
const LONG_BASE64: usize = 160;
/// The same for hexadecimal digits; longer than any hash.
const LONG_HEX: usize = 160;
/// Maximum number of characters of a run that are decoded.
const DECODED: usize = 8_192;
/// Minimum number of consecutive encoded characters for percent-encoding, references and escape
/// sequences.
const UNITS: usize = 8;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Returns the byte range of each suspicious run.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = runs(text);
    found.extend(units(text));
    found.extend(binary(text));
    found
}

/// Finds runs in base64 and hexadecimal.
fn runs(text: &str) -> Vec<Range<usize>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    let mut found = Vec::new();
    let mut at = 0;
    for run in text.split_inclusive(|c: char| !is_part(c)) {
        let start = at;
        at += run.len();
        let body = run.trim_end_matches(|c: char| !is_part(c));
        if body.len() >= SHORTEST && is_suspicious(body) {
            found.push(start..start + body.len());
        }
    }
    found
}

fn is_suspicious(run: &str) -> bool {
    let has = |test: fn(&u8) -> bool| run.bytes().any(|byte| test(&byte));
    if run.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return run.len() >= LONG_HEX || is_readable(&from_hex(run));
    }
    let mixed =
        has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    if mixed && run.len() >= LONG_BASE64 && !run.contains('-') {
        return true;
    }
    // Truncation may leave an incomplete group, and a hyphen or dash of the sentence may be
    // attached.
    let cut = run.trim_matches(['-', '_', '/']);
    let cut = &cut[..cut.len().min(DECODED)];
    [&STANDARD, &URL_SAFE].into_iter().any(|engine| {
        let whole = &cut[..cut.len() - usize::from(cut.trim_end_matches('=').len() % 4 == 1)];
        engine.decode(whole).is_ok_and(|bytes| is_readable(&bytes))
    })
}

fn from_hex(run: &str) -> Vec<u8> {
    run.as_bytes()[..run.len().min(DECODED)]
        .chunks_exact(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// True for text of at least two words.
fn is_readable(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let total = text.chars().count();
    let fitting = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " .,;:!?'\"()-_{}[]/%\n".contains(*c))
        .count();
    let gaps = text.trim().chars().filter(|c| *c == ' ').count();
    total >= 10 && fitting * 100 >= total * 95 && gaps >= 1 && gaps * 15 >= total
}

/// Finds consecutive percent-encoded characters, character references, and `\u` and `\x` escapes.
/// Spaces between them do not end a run.
fn units(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut start, mut end, mut count) = (0, 0, 0);
    let mut at = 0;
    while at < bytes.len() {
        if let Some((length, letter)) = unit(&bytes[at..]) {
            if count == 0 {
                start = at;
            }
            // In an address, percent-encoding is needed for other scripts, but not for letters.
            count += usize::from(letter);
            at += length;
            end = at;
            continue;
        }
        if count >= UNITS {
            found.push(start..end);
        }
        if !(bytes[at] == b' ' && end == at) {
            count = 0;
        }
        at += 1;
    }
    if count >= UNITS {
        found.push(start..end);
    }
    found.dedup_by(|later, earlier| {
        let joins = later.start == earlier.start;
        if joins {
            earlier.end = later.end;
        }
        joins
    });
    found
}

/// Returns the length of one encoded character, and whether it is a letter that needs no encoding.
fn unit(bytes: &[u8]) -> Option<(usize, bool)> {
    let number = |range: Range<usize>, radix| {
        let digits = std::str::from_utf8(bytes.get(range)?).ok()?;
        u32::from_str_radix(digits, radix).ok()
    };
    let is_letter = |code: u32| char::from_u32(code).is_some_and(|c| c.is_ascii_alphabetic());
    let (length, code) = match bytes {
        [b'%', ..] => (3, number(1..3, 16)?),
        [b'\\', b'x', ..] => (4, number(2..4, 16)?),
        [b'\\', b'u', ..] => (6, number(2..6, 16)?),
        [b'&', b'#', rest @ ..] => {
            let end = rest.iter().take(8).position(|&byte| byte == b';')?;
            let code = match rest.first() {
                Some(b'x' | b'X') => number(3..2 + end, 16)?,
                _ => number(2..2 + end, 10)?,
            };
            (2 + end + 1, code)
        }
        _ => return None,
    };
    Some((length, is_letter(code)))
}

/// Finds groups of eight binary digits that decode to text.
fn binary(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut decoded = Vec::new();
    let mut whole = 0..0;
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace).chain([" "]) {
        let body = word.trim_end();
        let is_byte = body.len() == 8 && body.bytes().all(|byte| matches!(byte, b'0' | b'1'));
        if is_byte {
            if decoded.is_empty() {
                whole.start = at;
            }
            whole.end = at + body.len();
            decoded.extend(u8::from_str_radix(body, 2));
        } else if !body.is_empty() || at >= text.len() {
            if is_readable(&decoded) {
                found.push(whole.clone());
            }
            decoded.clear();
        }
        at += word.len();
    }
    found
}

/// Applies ROT13 to a lower-case Latin letter; other characters stay.
pub(super) const fn rot13(c: char) -> char {
    match c {
        'a'..='z' => ((c as u8 - b'a' + 13) % 26 + b'a') as char,
        other => other,
    }
}

#[cfg(test)]
#[path = "tests/encoded.rs"]
mod tests;
