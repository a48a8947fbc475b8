//! The heading, or the table's header, that a sentence stands under: what it means is half there.

use std::ops::Range;

/// Bytes of a line that may be a heading by its colon or its marks alone.
const SHORT: usize = 70;

/// For each sentence the one that leads it, where there is one. Linear in the text.
pub(super) fn leads(text: &str, sentences: &[Range<usize>]) -> Vec<Option<usize>> {
    let (mut heading, mut header) = (None, None);
    let mut leads = Vec::with_capacity(sentences.len());
    let mut before = 0;
    for (at, range) in sentences.iter().enumerate() {
        // What lies between two sentences: marks, ends of lines, rules of tables.
        let gap = text.get(before..range.start).unwrap_or_default();
        before = range.end;
        let begins = at == 0 || gap.contains('\n');
        let mark = gap.rsplit('\n').next().unwrap_or_default().trim();
        let line = text[range.clone()].trim();
        let row = mark.starts_with('|') || line.starts_with('|');
        // An empty line parts two tables.
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
