//! Suggests a known name in place of an unknown one.

/// Returns the most similar known name, if it is similar enough.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    // A known name may have been given without its unit, such as `drain` for `drain_ms`.
    if let Some(longer) = known
        .iter()
        .find(|name| wrong.len() >= 4 && name.starts_with(wrong))
    {
        return Some(longer);
    }
    let limit = (wrong.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|name| (strsim::levenshtein(wrong, name), name))
        .filter(|&(distance, _)| distance <= limit)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
#[path = "tests/suggest.rs"]
mod tests;
