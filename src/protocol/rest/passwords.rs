//! Checks of new passwords: a minimum length, and none of those that attackers try first.

use crate::protocol::error::FieldError;

/// Minimum length of a password, in characters.
const MIN_PASSWORD_CHARS: usize = 10;

/// Maximum length of a password, in characters.
pub(crate) const MAX_PASSWORD_CHARS: usize = 256;

/// Minimum number of different characters in a password.
const MIN_DIFFERENT: usize = 4;

/// Minimum number of letters besides the user's own name, if the password contains it.
const MIN_LETTERS_BESIDE_NAME: usize = 4;

/// The most common passwords, without leading and trailing digits and punctuation, and without
/// spaces.
const COMMON_CORES: [&str; 72] = [
    "abc",
    "abcd",
    "abcdef",
    "access",
    "admin",
    "administrator",
    "arsenal",
    "asdf",
    "asdfgh",
    "asdfghjkl",
    "baseball",
    "basketball",
    "batman",
    "changeit",
    "changeme",
    "charlie",
    "chelsea",
    "computer",
    "correcthorsebatterystaple",
    "default",
    "dragon",
    "flower",
    "football",
    "freedom",
    "geheim",
    "hallo",
    "hello",
    "helloworld",
    "iloveyou",
    "internet",
    "jordan",
    "killer",
    "letmein",
    "liverpool",
    "login",
    "lovely",
    "master",
    "michael",
    "minecraft",
    "monkey",
    "motdepasse",
    "mypassword",
    "naruto",
    "ninja",
    "nothing",
    "pass",
    "passw",
    "passwd",
    "password",
    "passwort",
    "pokemon",
    "princess",
    "qazwsx",
    "qazwsxedc",
    "qwer",
    "qwert",
    "qwerty",
    "qwertyui",
    "qwertyuiop",
    "qwertz",
    "root",
    "samsung",
    "secret",
    "shadow",
    "starwars",
    "sunshine",
    "superman",
    "test",
    "thisisapassword",
    "trustno",
    "welcome",
    "whatever",
];

/// Common passwords that are not a word with additions: keyboard patterns and digit sequences.
const COMMON_WHOLE: [&str; 14] = [
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "1qazxsw23edc",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "zaq12wsxcde3",
    "1a2b3c4d5e",
    "a1b2c3d4e5",
    "1029384756",
    "3141592653",
    "1357924680",
    "147258369",
    "0123456789",
];

/// Rows of keyboards in English, German and French layouts, to recognise sequences of adjacent
/// keys.
const ROWS: [&str; 6] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl;",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
];

/// Checks a password of the user with these names: the user name, and the local part of the email
/// address. The fault has the given pointer.
pub(super) fn password_fault(pointer: &str, password: &str, names: &[&str]) -> Option<FieldError> {
    let chars = password.chars().count();
    let detail = if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
        "must have 10 to 256 characters"
    } else if password
        .chars()
        .all(|c| c.is_whitespace() || c.is_control())
    {
        "must not be blank"
    } else if different(password) < MIN_DIFFERENT {
        "must have at least 4 different characters"
    } else if names.iter().any(|name| is_little_more_than(password, name)) {
        "is little more than your own name: take another"
    } else if is_common(password) {
        "is one of the most used passwords: take another"
    } else {
        return None;
    };
    Some(FieldError::new(pointer, detail))
}

fn different(password: &str) -> usize {
    let mut chars: Vec<char> = password.chars().collect();
    chars.sort_unstable();
    chars.dedup();
    chars.len()
}

/// Returns true if the password contains the name and too few other letters, regardless of case.
/// Names of fewer than 3 characters are ignored.
fn is_little_more_than(password: &str, name: &str) -> bool {
    let (password, name) = (password.to_lowercase(), name.to_lowercase());
    if name.chars().count() < 3 || !password.contains(&name) {
        return false;
    }
    let rest = password.replace(&name, "");
    let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
    letters < MIN_LETTERS_BESIDE_NAME
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    if COMMON_WHOLE.contains(&once(&lower)) || is_a_row(&lower) {
        return true;
    }
    let trimmed = lower.trim_matches(|c: char| !c.is_alphabetic());
    let plain: String = trimmed
        .chars()
        .map(plain_letter)
        .filter(|c| c.is_alphabetic())
        .collect();
    COMMON_CORES.contains(&once(&plain))
}

/// Replaces a digit or symbol by the letter that it commonly stands for.
const fn plain_letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Returns the shortest prefix of which the text is a repetition.
fn once(text: &str) -> &str {
    let bytes = text.as_bytes();
    let repeats = |length: &usize| {
        text.is_char_boundary(*length)
            && bytes.len().is_multiple_of(*length)
            && bytes
                .chunks(*length)
                .all(|chunk| *chunk == bytes[..*length])
    };
    let length = (1..bytes.len()).find(repeats).unwrap_or(bytes.len());
    &text[..length]
}

/// Returns true if at least 80 % of the characters equal the one before, or are next to it in the
/// character table or on the keyboard, in either direction.
fn is_a_row(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let follows = |pair: &[char]| {
        let (a, b) = (pair[0], pair[1]);
        a.is_ascii_graphic() && (u32::from(a).abs_diff(u32::from(b)) <= 1 || side_by_side(a, b))
    };
    let following = chars.windows(2).filter(|pair| follows(pair)).count();
    following * 5 >= chars.len().saturating_sub(1) * 4
}

fn side_by_side(a: char, b: char) -> bool {
    ROWS.iter().any(|row| {
        let place = |c: char| row.find(c);
        matches!((place(a), place(b)), (Some(a), Some(b)) if a.abs_diff(b) <= 1)
    })
}

#[cfg(test)]
#[path = "tests/passwords.rs"]
mod tests;
