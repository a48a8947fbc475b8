//! The tables of a source, with the analyses of their cells.

use crate::text::analysis::Analysis;
use crate::text::numbers::Quantity;
use crate::text::tokens::Tokenizer;

/// A table of the source, with the analyses of its cells.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: Vec<Analysis>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) range: std::ops::Range<usize>,
}

#[derive(Debug)]
pub(super) struct Cell {
    pub(super) range: std::ops::Range<usize>,
    pub(super) said: Analysis,
}

/// Finds the tables of a text and analyses their cells.
pub(super) fn read(text: &str, tokenizer: &Tokenizer) -> Vec<Table> {
    let cell = |range: &std::ops::Range<usize>| Cell {
        said: Analysis::new(tokenizer, text, range.clone()),
        range: range.clone(),
    };
    crate::text::tables::find(text)
        .iter()
        .map(|table| Table {
            header: table.header.iter().map(|range| cell(range).said).collect(),
            rows: table
                .rows
                .iter()
                .map(|row| row.iter().map(cell).collect())
                .collect(),
            range: table.range(),
        })
        .collect()
}

impl Table {
    /// Gives each cell the quantities that were found when its row was analysed, so that "in EUR
    /// million" above the table also applies to its cells.
    pub(super) fn take_quantities(
        &mut self,
        of: impl Fn(&std::ops::Range<usize>) -> Vec<Quantity>,
    ) {
        for cell in self.rows.iter_mut().flatten() {
            let read = of(&cell.range);
            if !read.is_empty() {
                cell.said.quantities = read;
            }
        }
    }
}
