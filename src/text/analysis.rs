//! Linguistic analysis of one sentence, computed once: tokens, numbers, dates, names and
//! identifiers.

use std::ops::Range;

use super::dates::{self, Date};
use super::entities::{self, Entity};
use super::identifiers::{self, Identifier};
use super::numbers::{self, Quantity, Unit};
use super::reading::Reading;
use super::tokens::{Form, Token, Tokenizer};

/// The analysis of a sentence; all offsets are bytes of the whole text.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    pub tokens: Vec<Token>,
    /// In order, without those that are part of a date.
    pub quantities: Vec<Quantity>,
    pub dates: Vec<Date>,
    /// In order, without those that are part of a date or a number.
    pub entities: Vec<Entity>,
    /// In order; each is one token that is no number, date or name.
    pub identifiers: Vec<Identifier>,
}

impl Analysis {
    /// Analyses `text[range]`, with markup removed.
    pub fn new(tokenizer: &Tokenizer, text: &str, range: Range<usize>) -> Self {
        let reading = Reading::new(&text[range.clone()]);
        let mut analysis = Self::of(tokenizer, &reading.text);
        let place = |part: &mut Range<usize>| {
            let own = reading.original(part);
            *part = range.start + own.start..range.start + own.end;
        };
        analysis
            .tokens
            .iter_mut()
            .for_each(|it| place(&mut it.range));
        analysis
            .quantities
            .iter_mut()
            .for_each(|it| place(&mut it.range));
        analysis
            .dates
            .iter_mut()
            .for_each(|it| place(&mut it.range));
        analysis
            .entities
            .iter_mut()
            .for_each(|it| place(&mut it.range));
        analysis
            .identifiers
            .iter_mut()
            .for_each(|it| place(&mut it.range));
        analysis
    }

    /// Appends the analysis of a later part of the same text.
    pub fn append(&mut self, mut later: Self) {
        let tokens = self.tokens.len();
        for entity in &mut later.entities {
            entity.tokens = entity.tokens.start + tokens..entity.tokens.end + tokens;
        }
        self.tokens.append(&mut later.tokens);
        self.quantities.append(&mut later.quantities);
        self.dates.append(&mut later.dates);
        self.entities.append(&mut later.entities);
        self.identifiers.append(&mut later.identifiers);
    }

    /// Analyses a whole text without removing markup.
    fn of(tokenizer: &Tokenizer, text: &str) -> Self {
        let identifiers = identifiers::find(text);
        let tokens = joined(tokenizer.tokens(text, 0..text.len()), text, &identifiers);
        let mut used = vec![false; tokens.len()];
        let dates = dates::find(text, &tokens, &mut used);
        // Number words such as "one" and "first" may be part of a name; digits may not.
        let mut dated = used.clone();
        let quantities = numbers::find(text, &tokens, &mut used, tokenizer.language());
        // Currency codes, letters of temperature scales and time zones are no names.
        for quantity in &quantities {
            let first = tokens.partition_point(|token| token.range.end <= quantity.range.start);
            let inside = tokens[first..]
                .iter()
                .take_while(|token| token.range.start < quantity.range.end)
                .filter(|token| token.form == Form::Word);
            let measured = matches!(quantity.unit, Unit::Money(_) | Unit::Measure(_));
            for token in inside {
                if measured && (token.acronym || token.capital) {
                    let place =
                        tokens.partition_point(|other| other.range.start < token.range.start);
                    dated[place] = true;
                }
            }
        }
        let entities = entities::find(text, &tokens, &dated, tokenizer.language());
        Self {
            tokens,
            quantities,
            dates,
            entities,
            identifiers,
        }
    }
}

/// Returns the tokens, with those of each identifier merged into one.
fn joined(tokens: Vec<Token>, text: &str, identifiers: &[Identifier]) -> Vec<Token> {
    if identifiers.is_empty() {
        return tokens;
    }
    let mut all = Vec::with_capacity(tokens.len());
    let mut next = identifiers.iter().peekable();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        while next
            .next_if(|one| one.range.end <= token.range.start)
            .is_some()
        {}
        let Some(one) = next.peek().filter(|one| one.range.start < token.range.end) else {
            all.push(token);
            continue;
        };
        while tokens
            .next_if(|token| token.range.start < one.range.end)
            .is_some()
        {}
        all.push(Token {
            range: one.range.clone(),
            word: text[one.range.clone()].to_lowercase(),
            term: one.key.clone(),
            form: Form::Identifier,
            stop: false,
            capital: false,
            acronym: false,
        });
    }
    all
}
