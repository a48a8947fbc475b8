//! The formats in which evidence and claim are given to a model, as its authors defined them.

/// The placeholders of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A window of the source.
    Evidence,
    Claim,
    /// The question that the output answers.
    Question,
}

impl Slot {
    const ALL: [Self; 3] = [Self::Evidence, Self::Claim, Self::Question];

    const fn mark(self) -> &'static str {
        match self {
            Self::Evidence => "{evidence}",
            Self::Claim => "{claim}",
            Self::Question => "{question}",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(Slot),
}

/// Fixed text with placeholders. Inserted text is never interpreted as a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

impl Template {
    /// Parses a template that has each of these placeholders once, and no other.
    ///
    /// # Errors
    /// Returns a message that names the missing or repeated placeholder.
    pub(crate) fn read(text: &str, wanted: &[Slot]) -> Result<Self, String> {
        for slot in Slot::ALL {
            let mark = slot.mark();
            match (text.matches(mark).count(), wanted.contains(&slot)) {
                (1, true) | (0, false) => {}
                (0, true) => return Err(format!("the template has no {mark}")),
                (_, false) => return Err(format!("the template may not have {mark}")),
                (_, true) => return Err(format!("the template has {mark} more than once")),
            }
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((at, slot)) = Slot::ALL
            .into_iter()
            .filter_map(|slot| Some((rest.find(slot.mark())?, slot)))
            .min_by_key(|(at, _)| *at)
        {
            pieces.push(Piece::Text(rest[..at].to_owned()));
            pieces.push(Piece::Slot(slot));
            rest = &rest[at + slot.mark().len()..];
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Inserts the values and returns the text for the model.
    pub(super) fn fill(&self, value: impl Fn(Slot) -> String) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Slot(slot) => text.push_str(&value(*slot)),
            }
        }
        text
    }
}

/// The format of a pair of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Two texts, between which the tokenizer sets its special tokens.
    Pair {
        /// The claim comes first, the evidence second.
        claim_first: bool,
    },
    Text(Template),
}

/// The text around the evidence, with and without a question.
#[derive(Debug, Clone)]
pub(crate) struct Prompts {
    /// Used if there is no question.
    pub without_question: Template,
    /// Used if there is a question; `None` leaves the question out.
    pub with_question: Option<Template>,
}

#[cfg(test)]
#[path = "tests/template.rs"]
mod tests;
