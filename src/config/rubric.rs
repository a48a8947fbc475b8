//! Reads a judge's `rubric_file`, which replaces the built-in rubric.

use std::path::Path;

use super::judge::JudgeSettings;

const LONGEST: usize = 20_000;
/// Maximum number of bytes of a character in UTF-8, which bounds the size of a file that is read at
/// all.
const LONGEST_CHARACTER: u64 = 4;

/// Reads the rubric into the judge's settings, if a file is configured.
pub(super) fn read(judge: &mut JudgeSettings) -> Result<(), String> {
    let Some(path) = &judge.rubric_file else {
        return Ok(());
    };
    if judge.kind.is_offline() {
        return Err(format!("kind `{}` reads no rubric", judge.kind.as_str()));
    }
    let text = read_text(path).map_err(|what| format!("{} {what}", path.display()))?;
    judge.rubric = Some(text);
    Ok(())
}

fn read_text(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("can't be read: {error}");
    let too_long = || format!("is longer than {LONGEST} characters");
    let about = std::fs::metadata(path).map_err(unreadable)?;
    // A device reports no size and may have no end.
    if !about.is_file() {
        return Err("is no file".to_owned());
    }
    let size = about.len();
    if size > LONGEST as u64 * LONGEST_CHARACTER {
        return Err(too_long());
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    match text.chars().count() {
        0 => Err("is empty".to_owned()),
        1..=LONGEST => Ok(text.to_owned()),
        _ => Err(too_long()),
    }
}
