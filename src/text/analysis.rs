//! Everything that is read out of one sentence, once.

use std::ops::Range;

use super::dates::{self, Date};
use super::entities::{self, Entity};
use super::numbers::{self, Quantity};
use super::tokens::{Token, Tokenizer};

/// A sentence with its tokens, numbers, dates and names; all offsets are bytes of the whole text.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// In order.
    pub tokens: Vec<Token>,
    /// In order; none that belongs to a date.
    pub quantities: Vec<Quantity>,
    /// In order.
    pub dates: Vec<Date>,
    /// In order; none that belongs to a date or a number.
    pub entities: Vec<Entity>,
}

impl Analysis {
    /// Reads `text[range]`.
    pub fn new(tokenizer: &Tokenizer, text: &str, range: Range<usize>) -> Self {
        let tokens = tokenizer.tokens(text, range);
        let mut used = vec![false; tokens.len()];
        let dates = dates::find(text, &tokens, &mut used);
        // Words such as "one" and "first" may be part of a name; digits may not.
        let dated = used.clone();
        let quantities = numbers::find(text, &tokens, &mut used, tokenizer.language());
        let entities = entities::find(text, &tokens, &dated, tokenizer.language());
        Self {
            tokens,
            quantities,
            dates,
            entities,
        }
    }
}
