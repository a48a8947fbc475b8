//! Decodes text files: UTF-8, UTF-16 or Windows-1252. An encoding other than UTF-8 is reported to
//! the user.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::complaint::complain;

/// Number of leading bytes in which UTF-16 without a byte order mark is looked for.
const SAMPLE: usize = 4_096;

/// Decodes the bytes of a file. Messages call it by `name`, such as `--source notes.txt`.
///
/// # Errors
/// Fails if the decoded text holds U+0000, which means that the file is not text.
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

/// Returns the text, and the name of its encoding if that is not UTF-8.
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
    // `decode` also removes a byte order mark.
    let (text, ..) = encoding.decode(bytes);
    let named = match encoding.name() {
        "UTF-8" => None,
        "windows-1252" => Some("Windows-1252"),
        other => Some(other),
    };
    (text, named)
}

/// Detects UTF-16 without a byte order mark. Most characters of European texts have one byte that
/// is 0 there; its position tells the byte order.
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
