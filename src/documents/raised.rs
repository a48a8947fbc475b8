//! Converts superscripts and subscripts to text: powers, the figures of formulas, or the mark of a
//! footnote, which is not part of the text.

/// Returns the text for a superscript after `before`. `is_link` is true for a link, such as the
/// mark of a footnote.
pub(super) fn raised(before: &str, raised: &str, is_link: bool) -> String {
    let raised = raised.trim();
    let inner = raised.trim_matches(['[', ']', '(', ')', ',', ' ', '*', '†', '‡', '§']);
    let is_figure = !inner.is_empty()
        && inner
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '−' | '–' | ',' | ' '));
    if is_link || inner.is_empty() {
        // Marks of footnotes such as `1962[3]` and `*` are not part of the text.
        return if is_figure || inner.chars().count() <= 1 {
            String::new()
        } else {
            raised.to_owned()
        };
    }
    if !is_figure {
        // Ordinals and abbreviations such as `1st` and `M. le Dʳ`, and signs such as ™.
        return raised.to_owned();
    }
    if inner.len() != raised.len() || inner.contains([',', ' ']) || !takes_power(before) {
        return String::new();
    }
    inner.chars().map(superscript).collect()
}

/// Returns the text for a subscript.
pub(super) fn lowered(lowered: &str) -> String {
    lowered.chars().map(subscript).collect()
}

/// Returns true if a raised figure after this text is a power: after a short number, a unit, a sign
/// or a bracket, but not after a word or a year.
fn takes_power(before: &str) -> bool {
    let word: Vec<char> = before
        .chars()
        .rev()
        .take(12)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | ','))
        .collect();
    match word.first() {
        Some(last) if last.is_ascii_digit() => {
            // After a year or a long number the figure marks a footnote.
            word.len() <= 3 || word.contains(&'.')
        }
        Some(last) if last.is_alphabetic() => {
            word.len() <= 2
                || (word.len() == 3 && before.ends_with(['m', 'l', 'g', 's']) && word[2] == 'k')
        }
        Some(_) => false,
        None => before.ends_with([')', ']', '|', 'µ', 'Ω', '°']),
    }
}

fn superscript(character: char) -> char {
    match character {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '+' => '⁺',
        '-' | '−' | '–' => '⁻',
        digit => moved(digit, '\u{2070}'),
    }
}

fn subscript(character: char) -> char {
    match character {
        '+' => '₊',
        '-' | '−' | '–' => '₋',
        digit => moved(digit, '\u{2080}'),
    }
}

/// Replaces a digit by that of another block of ten, which starts at `zero`;
/// other characters are unchanged.
fn moved(digit: char, zero: char) -> char {
    digit
        .to_digit(10)
        .and_then(|value| char::from_u32(u32::from(zero) + value))
        .unwrap_or(digit)
}

#[cfg(test)]
#[path = "tests/raised.rs"]
mod tests;
