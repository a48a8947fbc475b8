//! Pages of lists: one row more than asked for tells whether there is a next page.

/// How many rows have to be read for a page of so many.
pub(crate) const fn rows_to_read(limit: i64) -> i64 {
    limit.saturating_add(1)
}

/// The page, and where the next one starts: behind its last row. None where there is none.
pub(crate) fn page<T, C>(
    mut rows: Vec<T>,
    limit: i64,
    cursor: impl Fn(&T) -> C,
) -> (Vec<T>, Option<C>) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(cursor);
    (rows, next)
}

#[cfg(test)]
#[path = "tests/pages.rs"]
mod tests;
