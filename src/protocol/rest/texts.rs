//! What is wrong with a text that somebody sends, whatever it is for.

use unicode_normalization::UnicodeNormalization as _;

use crate::protocol::error::FieldError;

/// NUL is refused at the door: PostgreSQL can't store it, and the text would come back changed.
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

/// In characters, as a text is compared: in Unicode's form NFKC, in which one sign may be eighteen letters
/// (U+FDFA). What is computed is bounded by this, not by what was sent.
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
