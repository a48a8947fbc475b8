//! The heading, or the table's header, that a sentence stands under: what it means is half there.

use super::index::SourceIndex;

/// Bytes of a line that may be a heading by its colon or its marks alone.
const SHORT: usize = 70;

/// For each sentence the one that leads it, where there is one. Linear in the text.
pub(super) fn leads(index: &SourceIndex) -> Vec<Option<usize>> {
    let text = index.text();
    let (mut heading, mut header) = (None, None);
    let mut leads = Vec::with_capacity(index.len());
    let mut before = 0;
    for at in 0..index.len() {
        let range = index.range(at);
        // What lies between two sentences: marks, ends of lines, rules of tables.
        let gap = text.get(before..range.start).unwrap_or_default();
        before = range.end;
        let begins = at == 0 || gap.contains('\n');
        let mark = gap.rsplit('\n').next().unwrap_or_default().trim();
        let line = text[range].trim();
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
mod tests {
    use super::*;

    fn led(source: &str) -> Vec<(String, Option<String>)> {
        let index = SourceIndex::new(source);
        let text = |at: usize| index.text()[index.range(at)].to_owned();
        let leads = leads(&index).into_iter().enumerate();
        leads.map(|(at, lead)| (text(at), lead.map(text))).collect()
    }

    #[test]
    fn sentences_under_a_heading_and_rows_under_a_header_know_it() {
        let source = "Preface here.\n\n# Opening hours\n\nWe open at nine. We close at five.\n\n\
            | Year | Sold |\n|---|---|\n| 2022 | 45 |\n| 2023 | 52 |\n\nExcused:\n- Anna Berg\n- Karl Lind\n";
        let led = led(source);
        let lead = |part: &str| {
            let (_, lead) = led.iter().find(|(text, _)| text.contains(part)).unwrap();
            lead.clone().unwrap_or_default()
        };
        assert_eq!(lead("Preface"), "");
        assert!(lead("We close").contains("Opening hours"), "{led:?}");
        assert!(lead("2023").contains("Year"), "{led:?}");
        assert!(lead("Karl Lind").contains("Excused"), "{led:?}");
    }
}
