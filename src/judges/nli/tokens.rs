//! The tokenizer that a model was trained with: how texts become the row of tokens that it reads.

use std::ops::Range;
use std::path::Path;

use tokenizers::{Encoding, Tokenizer};

/// Names under which tokenizers know the token that fills up.
const PADDING: [&str; 3] = ["[PAD]", "<pad>", "<|padding|>"];

/// One row of a model's inputs.
pub(super) struct Row {
    pub(super) ids: Vec<i32>,
    /// Which of two texts each token belongs to, as the tokenizer counts them.
    pub(super) kinds: Vec<i32>,
    /// Tokens of the second text that cover something of it, each with its bytes there.
    pub(super) second: Vec<(usize, Range<usize>)>,
}

pub(super) struct Words {
    tokenizer: Tokenizer,
    /// Marks that the model reads as the ends of texts, and the like; no text may bring one in.
    marks: Vec<String>,
    padding: i32,
}

impl Words {
    /// Loads `tokenizer.json`; what it says of filling up and cutting off is not followed.
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

    /// The token that fills up.
    pub(super) const fn padding(&self) -> i32 {
        self.padding
    }

    /// The text without the model's own marks: each gets another first character of the same length, so
    /// that offsets stay, and a text can't end itself and begin another.
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

    /// Byte ranges of a text's tokens.
    pub(super) fn offsets(&self, text: &str) -> Result<Vec<(usize, usize)>, String> {
        let encoding = self
            .tokenizer
            .encode(self.plain(text), false)
            .map_err(|error| error.to_string())?;
        Ok(encoding.get_offsets().to_vec())
    }

    /// A row of one text, whose marks count as such.
    pub(super) fn one(&self, text: &str) -> Result<Row, String> {
        let encoding = self.tokenizer.encode(text, true);
        Ok(row(&encoding.map_err(|error| error.to_string())?))
    }

    /// A row of two texts.
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

/// Tokens of a usual row: a batch of longer ones has fewer of them, so that it takes about as much memory.
const USUAL_ROW: usize = 512;

/// Neighbouring rows together, at most so many, and fewer of long ones.
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
