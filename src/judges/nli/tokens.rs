//! The tokenizer that belongs to a model: converts texts into rows of tokens.

use std::ops::Range;
use std::path::Path;

use tokenizers::{Encoding, Tokenizer};

/// Names of the padding token in common tokenizers.
const PADDING: [&str; 3] = ["[PAD]", "<pad>", "<|padding|>"];

/// One row of a model's inputs.
pub(super) struct Row {
    pub(super) ids: Vec<i32>,
    /// The index of the text to which each token belongs (token type ids).
    pub(super) kinds: Vec<i32>,
    /// Tokens of the second text that cover some of it, each with its range of bytes.
    pub(super) second: Vec<(usize, Range<usize>)>,
}

pub(super) struct Words {
    tokenizer: Tokenizer,
    /// Special tokens, such as those that mark the ends of texts; no text may contain them.
    marks: Vec<String>,
    padding: i32,
}

impl Words {
    /// Loads `tokenizer.json`; its settings for padding and truncation are ignored.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let named = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let mut tokenizer = Tokenizer::from_file(path).map_err(|error| named(&error))?;
        tokenizer
            .with_padding(None)
            .with_truncation(None)
            .map_err(|error| named(&error))?;
        let mut marks: Vec<String> = tokenizer
            .get_added_tokens_decoder()
            .into_values()
            .filter(|token| token.special && !token.content.trim().is_empty())
            .map(|token| token.content)
            .collect();
        marks.sort_unstable();
        let padding = PADDING.iter().find_map(|name| tokenizer.token_to_id(name));
        Ok(Self {
            padding: padding.and_then(|id| id.try_into().ok()).unwrap_or(0),
            tokenizer,
            marks,
        })
    }

    /// Returns the id of the padding token.
    pub(super) const fn padding(&self) -> i32 {
        self.padding
    }

    /// Returns the text without special tokens: the first character of each is replaced by one of
    /// the same length, so that offsets stay, and no text can end itself and begin another.
    pub(super) fn plain(&self, text: &str) -> String {
        let mut plain = text.to_owned();
        for mark in &self.marks {
            if plain.contains(mark.as_str()) {
                let first = mark.chars().next().map_or(0, char::len_utf8);
                let instead = format!("{}{}", "?".repeat(first), &mark[first..]);
                plain = plain.replace(mark.as_str(), &instead);
            }
        }
        plain
    }

    /// Returns the byte ranges of a text's tokens.
    pub(super) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>, String> {
        let encoding = self
            .tokenizer
            .encode(self.plain(text), false)
            .map_err(|error| error.to_string())?;
        Ok(encoding.get_offsets().to_vec())
    }

    /// Makes a row of one text, in which special tokens are recognised.
    pub(super) fn one(&self, text: &str) -> Result<Row, String> {
        let encoding = self.tokenizer.encode(text, true);
        Ok(row(&encoding.map_err(|error| error.to_string())?))
    }

    /// Makes a row of two texts.
    pub(super) fn pair(&self, first: &str, second: &str) -> Result<Row, String> {
        let encoding = self.tokenizer.encode((first, second), true);
        Ok(row(&encoding.map_err(|error| error.to_string())?))
    }
}

fn row(encoding: &Encoding) -> Row {
    let numbers = |values: &[u32]| -> Vec<i32> {
        values.iter().map(|value| (*value).cast_signed()).collect()
    };
    let texts = encoding.get_sequence_ids();
    let second = encoding
        .get_offsets()
        .iter()
        .zip(texts)
        .enumerate()
        .filter(|(_, (offsets, text))| *text == Some(1) && offsets.0 < offsets.1)
        .map(|(at, (offsets, _))| (at, offsets.0..offsets.1))
        .collect();
    Row {
        ids: numbers(encoding.get_ids()),
        kinds: numbers(encoding.get_type_ids()),
        second,
    }
}

/// Number of tokens of a typical row. A batch of longer rows has fewer of them, so that it takes
/// about the same memory.
const USUAL_ROW: usize = 512;

/// Groups consecutive rows into batches of at most `most` rows, and of fewer long ones.
pub(super) fn batches(rows: &[Row], most: usize) -> impl Iterator<Item = &[Row]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut longest = 0;
        let fits = |(before, row): (usize, &Row)| {
            longest = row.ids.len().max(longest);
            before == 0 || before < most && (before + 1) * longest <= most * USUAL_ROW
        };
        let count = rest
            .iter()
            .enumerate()
            .map(fits)
            .take_while(|it| *it)
            .count();
        let (batch, left) = rest.split_at(count);
        rest = left;
        (!batch.is_empty()).then_some(batch)
    })
}
