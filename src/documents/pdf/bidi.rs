//! Restores the reading order of right-to-left text, which most programs draw from left to right.

/// Returns true for characters of right-to-left scripts, except their digits.
pub(super) fn is_right_to_left(character: Option<char>) -> bool {
    character.is_some_and(|c| {
        matches!(c as u32, 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff)
            && !matches!(c as u32, 0x0660..=0x0669 | 0x06f0..=0x06f9)
    })
}

/// Returns a line in reading order, given the order of its characters on the page.
pub(super) fn logical(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let (right, left) = characters.iter().fold((0, 0), |(right, left), c| {
        if is_right_to_left(Some(*c)) {
            (right + 1, left)
        } else {
            (right, left + usize::from(c.is_alphabetic()))
        }
    });
    if right >= left {
        let reversed: Vec<char> = characters.iter().rev().copied().map(mirrored).collect();
        turned(&reversed, |c| {
            !is_right_to_left(Some(c)) && c.is_alphanumeric()
        })
    } else {
        turned(&characters, |c| is_right_to_left(Some(c)))
    }
}

/// Reverses each run of characters that starts and ends with one that `belongs`, and contains no
/// letter or digit that does not.
fn turned(characters: &[char], belongs: impl Fn(char) -> bool) -> String {
    let mut text = String::new();
    let mut at = 0;
    while at < characters.len() {
        if !belongs(characters[at]) {
            text.push(characters[at]);
            at += 1;
            continue;
        }
        let mut end = at + 1;
        for (place, character) in characters.iter().enumerate().skip(at) {
            if belongs(*character) {
                end = place + 1;
            } else if character.is_alphanumeric() {
                break;
            }
        }
        text.extend(characters[at..end].iter().rev());
        at = end;
    }
    text
}

const fn mirrored(character: char) -> char {
    match character {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        other => other,
    }
}

#[cfg(test)]
#[path = "tests/bidi.rs"]
mod tests;
