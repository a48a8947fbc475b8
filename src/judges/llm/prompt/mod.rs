//! Builds the prompt: the rubric, then the texts as data, then a reminder and the format of the
//! answer.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::computing::checkpoint;
use crate::domain::claim::Claim;
use crate::domain::details::PromptStamp;
use crate::domain::injection::Place;
use crate::judges::Case;
use crate::judges::llm::guard::Suspicion;
use crate::judges::llm::{price, reply};
use crate::text::hidden::visible;
use crate::text::sentences;
use crate::text::span::Utf16Index;

mod headings;
pub(crate) mod rubric;
pub(crate) mod schema;

use headings::Headings;
use rubric::{REMINDER, Rubric, SHAPE};

/// One request to a model, independent of any provider's format.
#[derive(Debug, Clone)]
pub(crate) struct Prompt {
    /// The same for every case, so that providers can cache it as a prefix.
    pub(crate) system: Arc<str>,
    /// The texts, the reminder and the format of the answer.
    pub(crate) user: String,
    /// JSON Schema of the reply.
    pub(crate) schema: Arc<RawValue>,
    /// An unusable reply, and the request for another.
    pub(crate) repair: Option<Repair>,
    pub(crate) version: String,
    /// Number of claims that the prompt shows for labelling.
    pub(crate) claims: usize,
}

/// The second turn of a conversation whose first reply was unusable.
#[derive(Debug, Clone)]
pub(crate) struct Repair {
    pub(crate) reply: String,
    /// The error that is reported to the model.
    pub(crate) complaint: String,
}

impl Prompt {
    /// Returns the same request with a second turn, after an unusable reply.
    pub(crate) fn repair(&self, reply: &str, why: &str) -> Self {
        Self {
            system: Arc::clone(&self.system),
            user: self.user.clone(),
            schema: Arc::clone(&self.schema),
            version: self.version.clone(),
            claims: self.claims,
            repair: Some(Repair {
                reply: reply.to_owned(),
                complaint: format!(
                    "That can't be used: {why}. Answer again, with the one JSON object that was asked for and nothing else."
                ),
            }),
        }
    }

    /// Returns a cautious estimate of the number of tokens in the prompt.
    pub(crate) fn tokens(&self) -> u64 {
        let repair = self.repair.as_ref().map_or(0, |repair| {
            price::estimate(&repair.reply) + price::estimate(&repair.complaint)
        });
        price::estimate(&self.system)
            + price::estimate(&self.user)
            + price::estimate(self.schema.get())
            + repair
    }

    /// Returns the version and hash that identify the prompt.
    pub(crate) fn stamp(&self) -> PromptStamp {
        let mut hash = Sha256::new();
        for part in [&*self.system, &self.user, self.schema.get()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        PromptStamp {
            version: self.version.clone(),
            sha256: hex(&hash.finalize()),
        }
    }
}

/// The sentences that a prompt shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Whole,
    /// Leaves out sentences with a sign of injection.
    Unsuspicious,
}

/// A prompt, and the number of sentences that were left out of it.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) prompt: Prompt,
    pub(crate) left_out: usize,
    /// True if no sentence of the candidate is left.
    pub(crate) nothing_left: bool,
}

/// Builds the prompt of a case. Within one process the same case gives the same bytes.
pub(crate) fn prompt(case: &Case, rubric: &Rubric) -> Prompt {
    cut(case, rubric, Shown::Whole).prompt
}

/// Builds the prompt of a case, possibly without suspicious sentences. Sentences and claims keep
/// their numbers.
pub(crate) fn cut(case: &Case, rubric: &Rubric, shown: Shown) -> Cut {
    let mark = mark(case);
    let mut filter = SentenceFilter {
        suspicion: (shown == Shown::Unsuspicious).then(|| Suspicion::new(case)),
        left_out: 0,
    };
    let mut user = String::new();
    let (title, lines) = source_lines(case, &mut filter);
    section(&mut user, title, &mark, &lines);
    if let Some(question) = &case.question {
        let line = question_line(question, &mut filter);
        let title = "question that the candidate answers";
        section(&mut user, title, &mark, &[line]);
    }
    let candidate = sentences_of(&case.candidate, 0);
    let mut is_kept = Vec::with_capacity(candidate.len());
    let mut lines = Vec::new();
    for (number, sentence) in (1..).zip(&candidate) {
        let kept = filter.keeps(Place::Candidate, sentence);
        is_kept.push(kept);
        if kept {
            lines.push(json!({ "sentence": number, "text": visible(sentence.text) }));
        }
    }
    section(&mut user, "candidate", &mark, &lines);
    let claims = claim_lines(case, &candidate, &is_kept);
    section(&mut user, "claims of the candidate", &mark, &claims);
    user.push_str(REMINDER);
    user.push(' ');
    user.push_str(SHAPE);
    Cut {
        prompt: Prompt {
            system: rubric.system(),
            user,
            schema: schema::schema(case.claims().len(), reply::MOST_ISSUES).into(),
            repair: None,
            version: rubric.version.clone(),
            claims: claims.len(),
        },
        left_out: filter.left_out,
        nothing_left: !is_kept.contains(&true),
    }
}

/// Decides which sentences a prompt shows, and counts those that are left out.
struct SentenceFilter {
    /// `None` shows every sentence.
    suspicion: Option<Suspicion>,
    left_out: usize,
}

impl SentenceFilter {
    fn keeps(&mut self, place: Place, sentence: &Sentence<'_>) -> bool {
        checkpoint();
        let keeps = self
            .suspicion
            .as_ref()
            .is_none_or(|suspicion| !suspicion.falls_on(place, sentence.text, &sentence.units));
        self.left_out += usize::from(!keeps);
        keeps
    }
}

/// Returns the title of the source's section, and its lines: sentences, and names of several texts.
fn source_lines(case: &Case, filter: &mut SentenceFilter) -> (&'static str, Vec<Value>) {
    // If retrieval found no passages, the whole source is shown, since retrieval may have missed
    // the relevant ones.
    let passages = case.passages.as_deref().filter(|chosen| !chosen.is_empty());
    let parts = match passages {
        Some(chosen) => (1..)
            .zip(chosen)
            .map(|(number, passage)| (Some(number), &*passage.text, passage.span.start))
            .collect::<Vec<_>>(),
        None => vec![(None, &*case.source, 0)],
    };
    let mut headings = Headings::new(case.index());
    let mut lines = Vec::new();
    let mut number = 0;
    for (passage, text, offset) in parts {
        for sentence in sentences_of(text, offset) {
            number += 1;
            if !filter.keeps(Place::Source, &sentence) {
                continue;
            }
            lines.extend(headings.before(sentence.units.start));
            let text = visible(sentence.text);
            lines.push(match passage {
                Some(passage) => json!({ "passage": passage, "sentence": number, "text": text }),
                None => json!({ "sentence": number, "text": text }),
            });
        }
    }
    if let Some(first) = headings.first() {
        lines.insert(0, first);
    }
    let title = match (passages.is_some(), headings.any()) {
        (false, false) => "source",
        (false, true) => "source: each text stands below a line with its name",
        (true, false) => "source: the passages that concern the candidate",
        (true, true) => {
            "source: the passages that concern the candidate, below lines with the names of their texts"
        }
    };
    (title, lines)
}

fn question_line(question: &str, filter: &mut SentenceFilter) -> Value {
    let kept: Vec<String> = sentences_of(question, 0)
        .iter()
        .filter(|sentence| filter.keeps(Place::Question, sentence))
        .map(|sentence| visible(sentence.text).into_owned())
        .collect();
    json!({ "question": kept.join(" ") })
}

/// Returns the claims, each with the number of its sentence; those of a sentence that is left out
/// are left out too.
fn claim_lines(case: &Case, candidate: &[Sentence<'_>], is_kept: &[bool]) -> Vec<Value> {
    let line = |claim: &Claim| {
        let after = candidate.partition_point(|one| one.units.start <= claim.span.start);
        let at = after.saturating_sub(1);
        let line =
            json!({ "index": claim.index, "sentence": at + 1, "text": visible(&claim.text) });
        is_kept.get(at).copied().unwrap_or(true).then_some(line)
    };
    case.claims().iter().filter_map(line).collect()
}

/// The secret from which delimiters are derived. It is unknown outside of this process, so that no
/// text can predict its delimiter.
static SECRET: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("the system has random bytes");
    secret
});

/// Returns a delimiter that nobody can put into the texts, since it depends on all of them and on a
/// secret. The same texts get the same delimiter, so that answers can be cached.
fn mark(case: &Case) -> String {
    let mut hash = Sha256::new();
    hash.update(*SECRET);
    let question = case.question.as_deref().unwrap_or_default();
    for text in [&*case.source, &*case.candidate, question] {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    hex(&hash.finalize()[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn section(out: &mut String, title: &str, mark: &str, lines: &[Value]) {
    out.push_str(&format!("=== begin {mark} {title} ===\n"));
    for line in lines {
        push_line(out, line);
        out.push('\n');
    }
    out.push_str(&format!("=== end {mark} ===\n\n"));
}

/// Appends JSON that no text can break out of: it has no line breaks, and characters of models'
/// special tokens are escaped, such as in `<|im_start|>`, `[INST]`, `### Instruction`, and
/// DeepSeek's full-width bars.
fn push_line(out: &mut String, line: &Value) {
    // Field names hold none of these characters, and the JSON has no lists and hence no brackets of
    // its own.
    for character in line.to_string().chars() {
        match character {
            '<' | '>' | '[' | ']' | '|' | '#' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{2581}'
            | '\u{FF5C}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            other => out.push(other),
        }
    }
}

/// A sentence with its range in UTF-16 code units.
struct Sentence<'t> {
    text: &'t str,
    units: Range<usize>,
}

/// Splits a text that begins at `offset` into sentences; returns the text itself if there are none.
/// The range of each sentence extends to the start of the next, so that no sign falls between two.
fn sentences_of(text: &str, offset: usize) -> Vec<Sentence<'_>> {
    let utf16 = Utf16Index::new(text);
    let mut found: Vec<Sentence<'_>> = sentences::split(text)
        .into_iter()
        .filter_map(|sentence| {
            let span = utf16.span(sentence.range.clone());
            Some(Sentence {
                text: text.get(sentence.range)?,
                units: offset + span.start..offset + span.end,
            })
        })
        .collect();
    if found.is_empty() {
        let span = utf16.span(0..text.len());
        return vec![Sentence {
            text,
            units: offset..offset + span.end,
        }];
    }
    for at in 1..found.len() {
        found[at - 1].units.end = found[at].units.start;
    }
    found[0].units.start = offset;
    found
}

#[cfg(test)]
mod tests;
