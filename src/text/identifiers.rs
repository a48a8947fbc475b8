//! Detects identifiers, of which every character counts: addresses, versions, hashes, paths, file
//! names, codes.

use std::ops::Range;

/// Maximum number of characters of an identifier that are compared.
const LONGEST: usize = 400;
/// Minimum length of a run of hexadecimal digits that counts as a hash.
const HASH: usize = 7;

/// The kind of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A URL or an e-mail address.
    Address,
    /// A network address, such as IPv4, IPv6 or MAC.
    Host,
    /// A version of three or more parts, or a number that is called a version.
    Version,
    /// A commit hash, a checksum or a UUID.
    Hash,
    /// A path, or the name of a file.
    Path,
    /// Letters and digits joined by hyphens, such as a case number.
    Code,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Range in the text, in bytes.
    pub range: Range<usize>,
    pub kind: Kind,
    pub key: String,
}

impl Identifier {
    /// True if `source` is equal or more specific: a file by its whole path, a version with a
    /// further part.
    pub fn borne_out_by(&self, source: &Self) -> bool {
        let (own, given) = (self.key.as_str(), source.key.as_str());
        if own == given {
            return true;
        }
        let behind = |mark: char| {
            given
                .strip_suffix(own)
                .is_some_and(|rest| rest.ends_with(mark))
        };
        let within = |mark: &[char]| {
            given
                .strip_prefix(own)
                .is_some_and(|rest| rest.starts_with(mark))
        };
        match (self.kind, source.kind) {
            (Kind::Path, Kind::Path | Kind::Address) => behind('/') || within(&['/']),
            (Kind::Address, Kind::Address) => within(&['/', '?', '#']) || behind('@'),
            (Kind::Version, Kind::Version) => within(&['.', '-']),
            (Kind::Host, Kind::Host) => within(&[':', '/']),
            (Kind::Hash, Kind::Hash) => given.starts_with(own) || own.starts_with(given),
            _ => false,
        }
    }
}

/// Returns the identifiers of a text, in order.
pub(crate) fn find(text: &str) -> Vec<Identifier> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut before = 0..0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_graphic() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_graphic() {
            at += 1;
        }
        let run = trimmed(text, start..at);
        if run.len() >= 2
            && run.len() <= LONGEST
            && let Some(kind) = kind(&text[run.clone()], &text[before.clone()])
        {
            found.push(Identifier {
                kind,
                key: key(&text[run.clone()], kind),
                range: run.clone(),
            });
        }
        before = run;
    }
    found
}

/// Removes punctuation of the sentence from both ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let slice = &text[range.clone()];
    let body = slice.trim_start_matches(['"', '\'', '(', '[', '<', '{', ',', ';', '|', '=']);
    let start = range.start + slice.len() - body.len();
    let body = body.trim_end_matches(|c| {
        matches!(
            c,
            '"' | '\'' | ')' | ']' | '>' | '}' | ',' | ';' | ':' | '!' | '?' | '.' | '|' | '*'
        )
    });
    start..start + body.len()
}

fn kind(run: &str, before: &str) -> Option<Kind> {
    let bytes = run.as_bytes();
    let has = |mark: u8| bytes.contains(&mark);
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    if letters > 0 && (run.contains("://") || run.starts_with("www.") || mail(run) || domain(run)) {
        return Some(Kind::Address);
    }
    if host(run) {
        return Some(Kind::Host);
    }
    if path(run) {
        return Some(Kind::Path);
    }
    if version(run, before) {
        return Some(Kind::Version);
    }
    if hash(run, before) {
        return Some(Kind::Hash);
    }
    let upper = bytes.iter().any(u8::is_ascii_uppercase);
    let joined = has(b'-')
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let lower = bytes.iter().any(u8::is_ascii_lowercase);
    let groups = run.split('-').count();
    let code = joined && !run.starts_with('-') && digits >= 2 && upper && !lower
        || joined && letters <= 1 && groups >= 4 && digits >= 9;
    code.then_some(Kind::Code)
}

fn key(run: &str, kind: Kind) -> String {
    let lower = run.to_lowercase();
    match kind {
        Kind::Address => {
            let bare = lower
                .split_once("://")
                .map_or(lower.as_str(), |(_, rest)| rest);
            bare.strip_prefix("www.")
                .unwrap_or(bare)
                .trim_end_matches('/')
                .to_owned()
        }
        Kind::Version => lower.trim_start_matches('v').to_owned(),
        // Paths are case-sensitive.
        Kind::Path => run.trim_end_matches('/').replace('\\', "/"),
        Kind::Host | Kind::Hash | Kind::Code => lower,
    }
}

fn mail(run: &str) -> bool {
    run.split_once('@').is_some_and(|(name, place)| {
        !name.is_empty() && place.contains('.') && !place.contains('@')
    })
}

/// True for a domain name without a protocol, by its top-level domain.
fn domain(run: &str) -> bool {
    let name = run.split(['/', ':', '?']).next().unwrap_or_default();
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let known = matches!(
        last,
        "com"
            | "org"
            | "net"
            | "io"
            | "dev"
            | "gov"
            | "edu"
            | "eu"
            | "uk"
            | "de"
            | "fr"
            | "es"
            | "it"
            | "nl"
            | "ch"
            | "at"
            | "info"
            | "app"
            | "ai"
            | "example"
            | "local"
            | "internal"
            | "test"
            | "localhost"
    );
    let mut named = 0;
    let plain = parts.all(|part| {
        named += 1;
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    });
    known && named >= 1 && plain && name.len() > last.len() + 2
}

/// True for IPv4 with a port or prefix, IPv6, or a MAC address.
fn host(run: &str) -> bool {
    let name = run.split('/').next().unwrap_or_default();
    let v4 = name.split(':').next().unwrap_or_default();
    let mut parts = 0;
    let four = v4.split('.').all(|part| {
        parts += 1;
        (1..=3).contains(&part.len()) && part.parse::<u16>().is_ok_and(|value| value < 256)
    });
    if four && parts == 4 {
        return true;
    }
    let groups: Vec<&str> = name.split([':', '-']).take(9).collect();
    let hex = |group: &&str| group.len() <= 4 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    let colons = name.matches(':').count();
    let lettered = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let mac = groups.len() == 6 && groups.iter().all(|group| group.len() == 2 && hex(group));
    let six = colons >= 2
        && !name.contains('-')
        && groups.len() <= 8
        && groups.iter().all(hex)
        && (lettered || name.contains("::"));
    mac && (lettered || colons == 5) || six && (name.contains("::") || groups.len() == 8)
}

/// Extensions of file names.
const ENDINGS: &str = "log txt md rs py js ts json yaml yml toml csv tsv pdf html htm xml conf cfg ini sh bat exe zip gz tgz \
    png jpg jpeg svg gif docx doc xlsx xls pptx sql db sqlite lock java cpp hpp go rb php css jar war env bak tmp dll so \
    service pem key crt parquet ipynb mp3 mp4 wav";

fn path(run: &str) -> bool {
    let plain = run
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/\\.-_~:+@%$#".contains(&byte));
    if !plain || run.contains("//") {
        return false;
    }
    let lettered = run.bytes().any(|byte| byte.is_ascii_alphabetic());
    let rooted = ["/", "./", "../", "~/", "$"].iter().any(|root| {
        run.strip_prefix(root).is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
                && (run.starts_with(['/', '.', '~']) || rest.contains('/'))
        })
    });
    let drive = run.as_bytes().get(1) == Some(&b':') && run.as_bytes().get(2) == Some(&b'\\');
    let ending = run.rsplit_once('.').is_some_and(|(name, ending)| {
        // A capitalised name with this extension is a product, such as "Node.js".
        let product = ending == "js" && name.starts_with(|c: char| c.is_ascii_uppercase());
        !name.is_empty() && !product && ENDINGS.split_whitespace().any(|listed| listed == ending)
    });
    let slashes = run.matches('/').count();
    lettered && (rooted && run.len() > 2 || drive || ending && !run.contains(':') || slashes >= 3)
}

fn version(run: &str, before: &str) -> bool {
    let named = {
        let word = before.to_ascii_lowercase();
        matches!(
            word.trim_matches(|c: char| !c.is_alphanumeric()),
            "version"
                | "versions"
                | "versión"
                | "versione"
                | "versão"
                | "versie"
                | "release"
                | "firmware"
                | "build"
                | "v"
        )
    };
    let marked = run.starts_with(['v', 'V']) && run[1..].starts_with(|c: char| c.is_ascii_digit());
    let body = if marked { &run[1..] } else { run };
    let end = body
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(body.len());
    let (numbers, tail) = body.split_at(end);
    let parts: Vec<&str> = numbers.split('.').take(6).collect();
    if parts.iter().any(|part| part.is_empty() || part.len() > 5) {
        return false;
    }
    let tailed = tail.is_empty()
        || tail.starts_with(['-', '+'])
        || ["a", "b", "rc", "beta", "alpha", "dev", "p"]
            .iter()
            .any(|mark| {
                tail.strip_prefix(mark)
                    .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
            });
    if !tailed {
        return false;
    }
    // "12.3.2019" is a day and "1.200.000" a number.
    let date = parts.len() == 3 && (parts[2].len() == 4 || parts[0].len() == 4);
    let grouped = parts[1..].iter().all(|part| part.len() == 3);
    match parts.len() {
        1 => marked && run.len() <= 4 && before.is_empty() || named && marked,
        2 => marked || named,
        _ => marked || named || !(date || grouped),
    }
}

fn hash(run: &str, before: &str) -> bool {
    let body = run.trim_start_matches('#').trim_start_matches("0x");
    let groups: Vec<usize> = body.split('-').take(6).map(str::len).collect();
    let uuid = groups == [8, 4, 4, 4, 12];
    let hex = body
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || uuid && byte == b'-');
    let digit = body.bytes().any(|byte| byte.is_ascii_digit());
    let letter = body.bytes().any(|byte| byte.is_ascii_alphabetic());
    let upper = body.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = body.bytes().any(|byte| byte.is_ascii_lowercase());
    let called = matches!(
        before.to_ascii_lowercase().as_str(),
        "commit" | "hash" | "revision" | "sha" | "checksum" | "colour" | "color"
    ) || body.len() < run.len();
    // "1500b" and "2e10" are numbers.
    let exponent = body
        .split_once(['e', 'E'])
        .is_some_and(|(one, two)| one.parse::<u64>().is_ok() && two.parse::<u64>().is_ok());
    hex && digit
        && letter
        && !(upper && lower && !uuid)
        && !exponent
        && (body.len() >= HASH || called && body.len() >= 5)
        && body.len() <= 128
}

#[cfg(test)]
#[path = "tests/identifiers.rs"]
mod tests;
