//! Pagination of lists: one row more than requested shows whether there is a next page.

/// Returns the number of rows to read for a page of `limit` rows.
pub(crate) const fn rows_to_read(limit: i64) -> i64 {
    limit.saturating_add(1)
}

/// Splits off the page, and returns the cursor of the next one, which is its last row; `None` if
/// there is no next page.
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
