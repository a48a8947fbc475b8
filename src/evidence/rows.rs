//! Compares a claim with the table row that it is about: the row's cells support it, or it has a
//! value of another row.

use super::align::Alignment;
use super::finding::{Aspect, Checked, Finding};
use super::frames::changed;
use super::index::meets;
use super::table::{Cell, Table};
use crate::text::dates::Date;
use crate::text::language::Language;
use crate::text::numbers::Quantity;
use crate::text::words::is_stop;

/// Maximum number of cells that one claim is compared with.
const MOST: usize = 4_000;

/// Maximum number of the claim's content words outside its row and the column names for the claim
/// to be about the row alone.
const OPEN: usize = 1;
/// Maximum number of such words with which other rows are still searched for them.
const WORDS: usize = 3;

/// The row of a table that the claim is about.
struct About<'t> {
    table: &'t Table,
    row: usize,
    /// The claim's tokens that name the row.
    key: Vec<usize>,
}

/// Compares a claim with the row that it is about, if there is one. Findings based on other rows of
/// the same table are removed, since those rows are about something else.
pub(super) fn check(alignment: &mut Alignment<'_>, checked: &mut Checked) {
    let Some(about) = about(alignment) else {
        return;
    };
    let index = alignment.index;
    let within = |sentence: usize| {
        let range = index.range(sentence);
        range.start < about.table.range.end && about.table.range.start < range.end
    };
    let own = &about.table.rows[about.row];
    let mut findings = Vec::new();
    let (mut values, mut borne) = (0, 0);
    let claim = &alignment.claim;
    for quantity in claim.quantities.iter().take(8).filter(|it| !it.weak) {
        let bears = |cell: &Cell| {
            let year = |date: &Date| {
                date.year
                    .is_some_and(|year| f64::from(year) == quantity.value)
            };
            cell.said
                .quantities
                .iter()
                .any(|given| quantity.matches(given))
                || cell.said.dates.iter().any(year)
        };
        let rival = |cell: &Cell| {
            cell.said
                .quantities
                .iter()
                .any(|given| quantity.contradicts(given))
        };
        let named = |cell: &Cell| {
            cell.said
                .quantities
                .iter()
                .any(|given: &Quantity| quantity.matches(given))
        };
        values += 1;
        borne += usize::from(own.iter().any(bears));
        let before = findings.len();
        value(
            &about,
            alignment,
            &quantity.range,
            Aspect::Number,
            &bears,
            &rival,
            &named,
            &mut findings,
        );
        if findings.len() > before || changed(&claim.tokens, &quantity.range) {
            continue;
        }
        // If all comparable values of the row differ, the claim's value is wrong
        // for every possible column.
        let comparable = |cell: &Cell| {
            let mut given = cell.said.quantities.iter();
            given.any(|given| quantity.comparable(given))
        };
        let columns: Vec<usize> = (1..own.len()).filter(|at| comparable(&own[*at])).collect();
        let all = columns.iter().all(|at| rival(&own[*at])) && !own.iter().any(bears);
        if let Some(column) = columns.first().filter(|_| all) {
            let range = quantity.range.clone();
            findings.push(finding(&about, alignment, *column, range, Aspect::Number));
        }
    }
    for date in claim.dates.iter().take(8) {
        let bears = |cell: &Cell| {
            let number =
                |given: &Quantity| date.year.is_some_and(|year| f64::from(year) == given.value);
            cell.said.dates.iter().any(|given| date.covered_by(given))
                || (date.month.is_none() && cell.said.quantities.iter().any(number))
        };
        let rival = |cell: &Cell| {
            cell.said
                .dates
                .iter()
                .any(|given| date.comparable(given) && date.conflicts(given))
        };
        values += 1;
        borne += usize::from(own.iter().any(bears));
        value(
            &about,
            alignment,
            &date.range,
            Aspect::Date,
            &bears,
            &rival,
            &bears,
            &mut findings,
        );
    }
    // A table has few function words, so that its own language is hard to recognise.
    let language = Language::of(alignment.text);
    let settled: Vec<bool> = (0..claim.tokens.len())
        .map(|at| {
            let token = &claim.tokens[at];
            about.key.contains(&at)
                || is_stop(&token.word, language)
                || about
                    .table
                    .header
                    .iter()
                    .any(|cell| cell.tokens.iter().any(|given| meets(token, given)))
                || own
                    .iter()
                    .any(|cell| cell.said.tokens.iter().any(|given| meets(token, given)))
        })
        .collect();
    // A claim with words outside its row and the column names is about something else, too.
    let open = (0..claim.tokens.len())
        .filter(|at| alignment.weights[*at] > 0.0 && !settled[*at])
        .count();
    if open <= WORDS {
        words(&about, alignment, &mut findings);
    }
    let told = findings
        .iter()
        .filter(|it| it.aspect == Aspect::Subject)
        .count();
    if open > OPEN + told {
        findings.clear();
    }
    checked.in_row = values > 0 && borne == values && findings.is_empty() && open <= OPEN;
    // Statements of other rows neither support nor contradict the claim.
    checked.findings.retain(|finding| {
        let of_table = finding.sentence.is_none_or(within);
        let word = claim
            .tokens
            .iter()
            .position(|token| token.range.start == finding.range.start);
        !(of_table && (finding.sentence.is_some() || word.is_none_or(|at| settled[at])))
    });
    checked.features = checked.features.max(1);
    checked.findings.extend(findings);
    checked.findings.sort_by_key(|finding| finding.range.start);
    for (at, settled) in settled.into_iter().enumerate() {
        if settled {
            alignment.covered[at] = true;
            alignment.known[at] = true;
        }
    }
}

/// Returns the row whose first cell the claim names; `None` if two rows fit equally well.
fn about<'t>(alignment: &Alignment<'t>) -> Option<About<'t>> {
    let tokens = &alignment.claim.tokens;
    let mut looked_at = 0;
    let mut best: Option<About<'t>> = None;
    let mut tied = false;
    for table in alignment.index.tables() {
        for (row, cells) in table.rows.iter().enumerate() {
            looked_at += cells.len();
            if looked_at > MOST {
                return None;
            }
            let Some(first) = cells.first() else { continue };
            let named: Vec<_> = first
                .said
                .tokens
                .iter()
                .filter(|token| !token.stop)
                .collect();
            if named.is_empty() {
                continue;
            }
            let key: Vec<usize> = named
                .iter()
                .filter_map(|given| tokens.iter().position(|own| meets(own, given)))
                .collect();
            if key.len() != named.len() {
                continue;
            }
            let within = |one: &[usize], other: &[usize]| one.iter().all(|at| other.contains(at));
            match &best {
                // A longer row name that contains the shorter one.
                Some(before) if key.len() > before.key.len() && within(&before.key, &key) => {
                    best = Some(About { table, row, key });
                }
                Some(before) if key.len() < before.key.len() && within(&key, &before.key) => {}
                // The claim names two rows, and a value cannot be assigned to one of them.
                Some(_) => tied = true,
                None => best = Some(About { table, row, key }),
            }
        }
    }
    best.filter(|_| !tied)
}

/// Returns true if the claim contains a word of the column's name.
fn is_asked(about: &About<'_>, alignment: &Alignment<'_>, column: usize) -> bool {
    let name = about.table.header.get(column);
    name.is_some_and(|name| {
        let words = name.tokens.iter().filter(|token| !token.stop);
        let mut words =
            words.filter(|word| alignment.claim.tokens.iter().any(|own| meets(own, word)));
        words.next().is_some()
    })
}

#[expect(
    clippy::too_many_arguments,
    reason = "what tells numbers from dates is three small functions"
)]
fn value(
    about: &About<'_>,
    alignment: &Alignment<'_>,
    range: &std::ops::Range<usize>,
    aspect: Aspect,
    bears: &dyn Fn(&Cell) -> bool,
    rival: &dyn Fn(&Cell) -> bool,
    named: &dyn Fn(&Cell) -> bool,
    findings: &mut Vec<Finding>,
) {
    let own = &about.table.rows[about.row];
    let columns = 1..own.len();
    // The row's name may contain the number.
    if named(&own[0]) {
        return;
    }
    let asked: Vec<usize> = columns
        .clone()
        .filter(|at| is_asked(about, alignment, *at))
        .collect();
    if columns.clone().any(|at| bears(&own[at])) {
        return;
    }
    let elsewhere = |column: usize| {
        let rows = about.table.rows.iter().take(MOST / own.len().max(1));
        rows.enumerate()
            .any(|(row, cells)| row != about.row && cells.get(column).is_some_and(bears))
    };
    let wrong = asked
        .iter()
        .copied()
        .find(|at| rival(&own[*at]))
        .map(|at| (at, elsewhere(at)))
        .or_else(|| {
            columns
                .into_iter()
                .find(|at| rival(&own[*at]) && elsewhere(*at))
                .map(|at| (at, true))
        });
    if let Some((column, exchanged)) = wrong {
        findings.push(finding(
            about,
            alignment,
            column,
            range.clone(),
            if exchanged { Aspect::Subject } else { aspect },
        ));
    }
}

fn finding(
    about: &About<'_>,
    alignment: &Alignment<'_>,
    column: usize,
    range: std::ops::Range<usize>,
    aspect: Aspect,
) -> Finding {
    let own = &about.table.rows[about.row];
    let text = alignment.index.text();
    let at = alignment.index.sentence_at(own[column].range.start);
    Finding {
        aspect,
        message: format!(
            "of \"{}\" the source says {}, the claim says {}",
            &text[own[0].range.clone()],
            &text[own[column].range.clone()],
            &alignment.text[range.clone()]
        ),
        range,
        against: true,
        sentence: at,
    }
}

/// Finds words of the claim that are in another row's cell but not in its own row's.
fn words(about: &About<'_>, alignment: &Alignment<'_>, findings: &mut Vec<Finding>) {
    let own = &about.table.rows[about.row];
    let valued = |range: &std::ops::Range<usize>| {
        let inside =
            |other: &std::ops::Range<usize>| other.start <= range.start && range.end <= other.end;
        alignment
            .claim
            .quantities
            .iter()
            .any(|it| inside(&it.range))
            || alignment.claim.dates.iter().any(|it| inside(&it.range))
    };
    for (at, token) in alignment.claim.tokens.iter().enumerate() {
        if !token.content() || about.key.contains(&at) || valued(&token.range) {
            continue;
        }
        let has = |cell: &Cell| cell.said.tokens.iter().any(|given| meets(token, given));
        let header = about
            .table
            .header
            .iter()
            .any(|cell| cell.tokens.iter().any(|given| meets(token, given)));
        if header || own.iter().any(has) {
            continue;
        }
        // The claim contains all words of another row's cell, and none of its own row's.
        let told = |cell: &Cell| {
            let tokens = &alignment.claim.tokens;
            let mut words = cell.said.tokens.iter().filter(|given| !given.stop);
            words.all(|given| tokens.iter().any(|own| meets(own, given)))
        };
        let rows = about.table.rows.iter().take(MOST / own.len().max(1));
        let column = rows
            .enumerate()
            .filter(|(row, _)| *row != about.row)
            .find_map(|(_, cells)| {
                (1..cells.len().min(own.len()))
                    .find(|column| has(&cells[*column]) && told(&cells[*column]))
            });
        let Some(column) =
            column.filter(|column| own[*column].said.tokens.iter().any(|given| given.content()))
        else {
            continue;
        };
        findings.push(finding(
            about,
            alignment,
            column,
            token.range.clone(),
            Aspect::Subject,
        ));
    }
}
