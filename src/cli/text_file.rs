//! The text of a file: UTF-8, or what other programs of old write, which is then said.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::complaint::complain;

/// Bytes that are looked at to see UTF-16 without its mark.
const SAMPLE: usize = 4_096;

/// The text of a file's bytes. `name` is what a reader calls it, such as `--source notes.txt`.
///
/// # Errors
/// It is no text in any encoding that is known.
pub(super) fn decoded<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, String> {
    let (text, read_as) = read(bytes);
    if text.contains('\0') {
        return Err(format!("{name} is no text: it holds the character U+0000"));
    }
    if let Some(encoding) = read_as {
        complain(&format!(
            "judge-auditor: {name} is not UTF-8; it was read as {encoding}"
        ));
    }
    Ok(text)
}

/// The text, and what it was read as where that is not UTF-8.
fn read(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let is_utf_8 = std::str::from_utf8(bytes).is_ok();
    let encoding = match marked {
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => encoding,
        _ => match unmarked_utf_16(bytes) {
            Some(encoding) => encoding,
            None if is_utf_8 => encoding_rs::UTF_8,
            None => WINDOWS_1252,
        },
    };
    // Passes over a mark too.
    let (text, ..) = encoding.decode(bytes);
    let named = match encoding.name() {
        "UTF-8" => None,
        "windows-1252" => Some("Windows-1252"),
        other => Some(other),
    };
    (text, named)
}

/// In UTF-16 most letters of European texts have one byte that is 0; on which side says which it is.
pub(super) fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = bytes[..bytes.len().min(SAMPLE)].chunks_exact(2);
    let count = pairs.len();
    let zeros = |at: usize| pairs.clone().filter(|pair| pair[at] == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    if !bytes.len().is_multiple_of(2) || count == 0 {
        None
    } else if second * 2 > count && first * 10 < count {
        Some(UTF_16LE)
    } else if first * 2 > count && second * 10 < count {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
#[path = "tests/text_file.rs"]
mod tests;
