//! Finds the heading or the table header that each sentence belongs to, as it carries a
//! part of the meaning.

use std::ops::Range;

/// Maximum length in bytes of a line that counts as a heading by its colon or its marks alone.
const SHORT: usize = 70;

/// Returns the leading line of each sentence, if it has one. Takes time linear in the text.
pub(super) fn leads(text: &str, sentences: &[Range<usize>]) -> Vec<Option<usize>> {
    let (mut heading, mut header) = (None, None);
    let mut leads = Vec::with_capacity(sentences.len());
    let mut before = 0;
    for (at, range) in sentences.iter().enumerate() {
        // The text between two sentences: marks, line ends, rules of tables.
        let gap = text.get(before..range.start).unwrap_or_default();
        before = range.end;
        let begins = at == 0 || gap.contains('\n');
        let mark = gap.rsplit('\n').next().unwrap_or_default().trim();
        let line = text[range.clone()].trim();
        let row = mark.starts_with('|') || line.starts_with('|');
        // An empty line separates two tables.
        if !row || gap.contains("\n\n") {
            header = None;
        }
        if row {
            leads.push(header.or(heading));
            header = header.or(Some(at));
            continue;
        }
        let marked = line.starts_with('#') || mark.starts_with('#');
        let told = line.len() < SHORT
            && (line.ends_with(':') || (line.starts_with("**") && line.ends_with("**")));
        let is_heading = begins && (marked || told);
        leads.push(heading.filter(|_| !is_heading));
        if is_heading {
            heading = Some(at);
        }
    }
    leads
}

#[cfg(test)]
#[path = "tests/leads.rs"]
mod tests;
