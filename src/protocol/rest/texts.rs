//! Validates a text in a request.

use unicode_normalization::UnicodeNormalization as _;

use crate::protocol::error::FieldError;

/// Checks a text's length, in characters, and its contents. NUL is refused, because PostgreSQL
/// can't store it.
pub(crate) fn text_fault(pointer: &str, text: &str, min: usize, max: usize) -> Option<FieldError> {
    let (length, read) = (text.chars().count(), length_read(text));
    if text.contains('\0') {
        Some(FieldError::new(
            pointer,
            "must not hold the character U+0000",
        ))
    } else if !(min..=max).contains(&length) {
        Some(FieldError::new(
            pointer,
            format!("must have {min} to {max} characters, has {length}"),
        ))
    } else if read > max {
        let detail = format!(
            "must have {min} to {max} characters, has {read} once each sign that stands for several is \
             written out"
        );
        Some(FieldError::new(pointer, detail))
    } else {
        None
    }
}

/// Returns the length in characters after normalization to NFKC, in which a text is compared and
/// one character may become eighteen (U+FDFA). The limits hold for this length, because it
/// determines the cost of an audit.
fn length_read(text: &str) -> usize {
    let of = |character: char| {
        if character.is_ascii() {
            1
        } else {
            std::iter::once(character).nfkc().count().max(1)
        }
    };
    text.chars().map(of).sum()
}
