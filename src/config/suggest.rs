//! The known name that a wrong one probably stands for.

/// The nearest of the known names, where it is near enough to be meant.
pub(super) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    // A name without its unit.
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
