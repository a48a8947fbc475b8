//! Prices of tokens, and an estimate of the number of tokens in a text.

use crate::domain::report::Usage;

/// Prices of a model, in US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Price {
    pub input_usd_per_million: f64,
    pub output_usd_per_million: f64,
}

impl Price {
    pub(crate) fn of(&self, prompt_tokens: u64, completion_tokens: u64) -> f64 {
        (prompt_tokens as f64 * self.input_usd_per_million
            + completion_tokens as f64 * self.output_usd_per_million)
            / 1e6
    }

    pub(crate) fn priced(&self, usage: Usage) -> Usage {
        Usage {
            cost_usd: Some(self.of(usage.prompt_tokens, usage.completion_tokens)),
            ..usage
        }
    }
}

/// Returns a cautious estimate of the number of tokens in a text, since each model has its own
/// tokenizer: one token for each 3.5 bytes of ASCII (OpenAI and Anthropic state about 4 characters
/// of English), one for each 2 other letters, and one for each Chinese, Japanese or Korean
/// character.
pub(crate) fn estimate(text: &str) -> u64 {
    let (mut ascii, mut letters, mut wide) = (0u64, 0u64, 0u64);
    for character in text.chars() {
        match character {
            '\0'..='\u{7f}' => ascii += 1,
            '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' => {
                wide += 1
            }
            '\u{10000}'.. => wide += 2,
            _ => letters += 1,
        }
    }
    (ascii * 2).div_ceil(7) + letters.div_ceil(2) + wide
}

#[cfg(test)]
#[path = "tests/price.rs"]
mod tests;
