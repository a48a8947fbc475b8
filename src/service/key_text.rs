//! The text of an API key: `ja_`, a secret, and a checksum of the secret. Secret scanners recognise
//! it by its form and verify it by the checksum; this server also does, before it queries the
//! database.

/// Prefix of every key.
pub(crate) const PREFIX: &str = "ja_";

/// Number of digits of the secret: 43 digits in base 62 have 256 bits.
const SECRET: usize = 43;

/// Number of digits of the checksum, a CRC-32.
const CHECKSUM: usize = 6;

/// Number of digits of the secret that are shown to people. The remaining ones still have 226 bits.
const SHOWN: usize = 5;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Generates a new key.
///
/// # Errors
/// Fails if the system provides no random bytes.
pub(crate) fn new_key() -> Result<String, getrandom::Error> {
    // Larger bytes are rejected: above the last multiple of 62 some digits would be more likely
    // than others.
    const FAIR: u8 = 62 * (u8::MAX / 62);
    let mut secret = String::with_capacity(SECRET);
    while secret.len() < SECRET {
        let mut bytes = [0_u8; SECRET];
        getrandom::fill(&mut bytes)?;
        let fair = bytes.into_iter().filter(|byte| *byte < FAIR);
        let digits = fair.map(|byte| char::from(DIGITS[usize::from(byte % 62)]));
        secret.extend(digits.take(SECRET - secret.len()));
    }
    let checksum = checksum(&secret);
    Ok(format!("{PREFIX}{secret}{checksum}"))
}

/// Returns whether the token has the form of an API key, valid or not.
pub(crate) fn is_meant(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// Returns whether this program can have generated the key: checks its length, its digits and its
/// checksum.
pub(crate) fn is_well_formed(token: &str) -> bool {
    let Some(digits) = token.strip_prefix(PREFIX) else {
        return false;
    };
    if digits.len() != SECRET + CHECKSUM || !digits.bytes().all(|byte| DIGITS.contains(&byte)) {
        return false;
    }
    let (secret, given) = digits.split_at(SECRET);
    given == checksum(secret)
}

/// Returns the part of a key that is shown to people.
pub(crate) fn shown(key: &str) -> String {
    key.chars().take(PREFIX.len() + SHOWN).collect()
}

/// Returns the CRC-32 of the secret's text in base 62, the most significant digit first.
fn checksum(secret: &str) -> String {
    let mut rest = crc32fast::hash(secret.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.map(char::from).iter().collect()
}

#[cfg(test)]
#[path = "tests/key_text.rs"]
mod tests;
