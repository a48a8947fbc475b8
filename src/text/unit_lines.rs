//! Parses lines and column headings that give the unit of all figures of a table: "in EUR million",
//! "Sales (€ thousand)".

use super::analysis::Analysis;
use super::numbers::Unit;
use super::tokens::Tokenizer;

/// Maximum number of words of a line that only gives a unit.
const LONGEST: usize = 14;

/// The unit and magnitude of the figures below such a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnitLine {
    /// The factor by which each figure is multiplied.
    pub factor: f64,
    /// The unit of each figure, if the line gives one.
    pub unit: Option<Unit>,
}

/// Returns the magnitude word in the form in which numbers use it.
fn magnitude(word: &str) -> Option<&'static str> {
    Some(match word {
        "thousand" | "thousands" | "k" | "tausend" | "tsd" | "000" | "000s" | "milliers"
        | "miles" | "migliaia" | "milhares" | "duizend" | "duizenden" | "teur" | "t€" | "тыс"
        | "тысяч" => "thousand",
        "million" | "millions" | "m" | "mn" | "mln" | "mio" | "millionen" | "millones"
        | "milioni" | "milhões" | "miljoen" | "млн" => "million",
        "billion" | "billions" | "bn" | "mrd" | "milliarden" | "milliards" | "miliardi"
        | "miljard" | "млрд" => "billion",
        _ => return None,
    })
}

/// Returns the word for a currency in the form in which amounts use it.
fn currency(word: &str) -> Option<&'static str> {
    Some(match word {
        "eur" | "euro" | "euros" | "€" | "teur" | "t€" => "euros",
        "usd" | "dollar" | "dollars" | "$" => "dollars",
        "gbp" | "pound" | "pounds" | "sterling" | "£" => "GBP",
        "chf" | "franken" | "francs" | "franc" => "CHF",
        "yen" | "jpy" | "¥" => "yen",
        "inr" | "rupees" | "₹" => "INR",
        _ => return None,
    })
}

/// Parses a line that gives the unit of the figures below it; returns `None` for any other line.
pub(crate) fn read(line: &str, tokenizer: &Tokenizer) -> Option<UnitLine> {
    let lower = line
        .to_lowercase()
        .replace("€000", "€ 000")
        .replace("$000", "$ 000");
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '€' | '$' | '£' | '¥' | '₹')))
        .filter(|word| !word.is_empty())
        .take(LONGEST + 1)
        .collect();
    if words.len() > LONGEST {
        return None;
    }
    let known = |word: &&str| magnitude(word).is_some() || currency(word).is_some();
    // The unit follows "in", or stands alone in brackets or after a comma.
    let told = |rest: &[&str]| {
        let said = rest
            .iter()
            .take_while(|word| known(word) || matches!(**word, "of" | "von" | "de" | "d" | "di"))
            .count();
        (said > 0 && rest[..said].iter().any(known)).then_some(said)
    };
    let behind = (0..words.len()).find_map(|at| {
        let leads = matches!(words[at], "in" | "en" | "em" | "в" | "as");
        let rest = &words[at + 1..];
        leads
            .then(|| told(rest))
            .flatten()
            .map(|said| &rest[..said])
    });
    let bracketed = || {
        let inner = lower.rsplit_once(['(', '[', ','])?.1;
        let inner: Vec<&str> = words
            .iter()
            .rev()
            .take(inner.split_whitespace().count().min(LONGEST))
            .rev()
            .copied()
            .filter(|word| inner.contains(word))
            .collect();
        let all = !inner.is_empty()
            && inner
                .iter()
                .all(|word| known(word) || matches!(*word, "in" | "of"));
        all.then_some(inner)
    };
    let said = match behind {
        Some(said) => said.to_vec(),
        None => bracketed()?,
    };
    let magnitude = said.iter().find_map(|word| magnitude(word));
    let currency = said.iter().find_map(|word| currency(word));
    let amount = [Some("1"), magnitude, currency]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let read = Analysis::new(tokenizer, &amount, 0..amount.len());
    let quantity = read.quantities.first()?;
    Some(UnitLine {
        factor: quantity.value,
        unit: matches!(quantity.unit, Unit::Money(_)).then(|| quantity.unit.clone()),
    })
}

impl UnitLine {
    /// Adds the converted values of a cell's bare figures; the figures as written are kept beside
    /// them.
    pub(crate) fn apply(&self, analysis: &mut Analysis) {
        let meant: Vec<_> = analysis
            .quantities
            .iter()
            .filter(|quantity| match quantity.unit {
                Unit::Bare => true,
                Unit::Money(_) => self.factor > 1.0 && quantity.value < self.factor,
                _ => false,
            })
            .map(|quantity| {
                let mut meant = quantity.clone();
                meant.value *= self.factor;
                meant.precision *= self.factor;
                if let Some(unit) = &self.unit {
                    meant.unit = unit.clone();
                }
                meant
            })
            .collect();
        analysis.quantities.extend(meant);
        analysis
            .quantities
            .sort_by_key(|quantity| quantity.range.start);
    }
}

#[cfg(test)]
#[path = "tests/unit_lines.rs"]
mod tests;
