//! Tokenizes a text; each token has the term by which it is compared.

use std::ops::Range;

use rust_stemmers::Stemmer;
use unicode_segmentation::UnicodeSegmentation;

use super::language::Language;
use super::numerals::digit;
use super::{korean, lexicon, words};

/// Maximum number of characters of a word that its term uses; longer runs are no words of any
/// language.
const MAX_WORD: usize = 64;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A word of a script that separates words by spaces.
    Word,
    /// A token that begins with a digit.
    Number,
    /// Two adjacent characters (or a single one that stands alone) of a script that does not
    /// separate words.
    Bigram,
    /// An identifier, such as an address, a version or a path.
    Identifier,
}

/// One token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Range in the text, in bytes.
    pub range: Range<usize>,
    /// In lower case, with straight apostrophes and ASCII digits, without possessive 's.
    pub word: String,
    /// The form by which it is compared: its stem, or the stem of its concept.
    pub term: String,
    pub form: Form,
    /// True for a function word, which carries no content.
    pub stop: bool,
    /// True if it begins with an upper-case letter.
    pub capital: bool,
    /// True for a short word in capitals ("WHO", "U.S."), which is never a function word.
    pub acronym: bool,
}

impl Token {
    /// True for a token with content of its own: no function word, no number, and nothing else that
    /// is compared by value.
    pub fn content(&self) -> bool {
        !self.stop && matches!(self.form, Form::Word | Form::Bigram)
    }
}

/// Tokenizes texts of one language.
pub struct Tokenizer {
    language: Language,
    stemmer: Option<Stemmer>,
}

impl Tokenizer {
    /// Makes a tokenizer for one language.
    pub fn new(language: Language) -> Self {
        Self {
            language,
            stemmer: language.algorithm().map(Stemmer::create),
        }
    }

    /// Returns the language of the tokenizer.
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Returns the tokens of `text[range]`, with offsets in `text`.
    pub fn tokens(&self, text: &str, range: Range<usize>) -> Vec<Token> {
        let base = range.start;
        let mut tokens = Vec::new();
        let mut run: Vec<(usize, char)> = Vec::new();
        for (at, segment) in text[range].unicode_word_indices() {
            let at = base + at;
            if segment.chars().next().is_some_and(unparted) {
                if run
                    .last()
                    .is_some_and(|(last, c)| last + c.len_utf8() != at)
                {
                    flush(&mut run, &mut tokens);
                }
                run.extend(segment.char_indices().map(|(offset, c)| (at + offset, c)));
            } else {
                flush(&mut run, &mut tokens);
                let mut at = at;
                for part in korean::parts(segment) {
                    self.word(at, part, &mut tokens);
                    at += part.len();
                }
            }
        }
        flush(&mut run, &mut tokens);
        label(text, &mut tokens);
        if self.language == Language::English {
            self.take_sides(&mut tokens);
        }
        tokens
    }

    /// Gives content to short words that decide the meaning: "for" and "against" after a verb of
    /// voting or speaking ("voted against" means opposed), and "open" in "still open", which means
    /// pending.
    fn take_sides(&self, tokens: &mut [Token]) {
        for at in 1..tokens.len() {
            let votes = matches!(&*tokens[at - 1].word, "vote" | "votes" | "voted" | "voting");
            let speaks = matches!(
                &*tokens[at - 1].word,
                "campaigned" | "argued" | "lobbied" | "testified" | "protested" | "ruled" | "spoke"
            );
            // "voted for the first time", "voted for an hour".
            let ahead = tokens.iter().skip(at + 1).take(3);
            let of_time = ahead.into_iter().any(|next| {
                matches!(
                    &*next.word,
                    "time"
                        | "times"
                        | "hour"
                        | "hours"
                        | "day"
                        | "days"
                        | "week"
                        | "weeks"
                        | "year"
                        | "years"
                )
            });
            let undecided = matches!(
                &*tokens[at - 1].word,
                "still" | "remains" | "remained" | "left"
            );
            let side = match &*tokens[at].word {
                // "still open" means that something is not decided yet.
                "open" if undecided => "pending",
                "against" if votes || speaks => "oppose",
                "for" if votes && !of_time => "support",
                _ => continue,
            };
            tokens[at].stop = false;
            tokens[at].term = self.term(side);
        }
    }

    fn word(&self, at: usize, segment: &str, tokens: &mut Vec<Token>) {
        let mut start = 0;
        // In French and Italian an article can be elided: "l'accord" is an article followed by
        // "accord".
        if matches!(self.language, Language::French | Language::Italian)
            && let Some(mark) = segment.find(['\'', '’'])
            && mark <= 5
            && segment[mark..]
                .chars()
                .nth(1)
                .is_some_and(char::is_alphabetic)
        {
            start = mark + segment[mark..].chars().next().map_or(1, char::len_utf8);
        }
        let segment = &segment[start..];
        let at = at + start;
        let capital = segment.chars().next().is_some_and(char::is_uppercase);
        let mut word: String = segment
            .chars()
            .filter(|c| !mark_of_arabic(*c))
            .take(MAX_WORD)
            .flat_map(|c| match digit(c) {
                Some(value) => char::from(b'0' + value).to_lowercase(),
                None if c == '’' => '\''.to_lowercase(),
                None => c.to_lowercase(),
            })
            .collect();
        let mut end = at + segment.len();
        if let Some(bare) = word.strip_suffix("'s")
            && !matches!(
                bare,
                "it" | "that" | "he" | "she" | "there" | "what" | "who" | "let"
            )
        {
            word.truncate(bare.len());
            end -= segment.len() - segment.rfind(['\'', '’']).unwrap_or(segment.len());
        }
        if word.is_empty() {
            return;
        }
        let form = if word.starts_with(|c: char| c.is_ascii_digit()) {
            Form::Number
        } else {
            Form::Word
        };
        let letters = segment.chars().filter(|c| c.is_alphabetic()).count();
        let acronym = (2..=6).contains(&letters)
            && segment
                .chars()
                .all(|c| c.is_uppercase() || !c.is_alphabetic());
        let stop = form == Form::Word && !acronym && words::is_stop(&word, self.language);
        let term = if form == Form::Word {
            if let Some(bare) = korean::stem(&word) {
                word.truncate(bare);
            }
            self.term(&word)
        } else {
            word.clone()
        };
        tokens.push(Token {
            range: at..end,
            word,
            term,
            form,
            stop,
            capital,
            acronym,
        });
    }

    /// Returns the term of a lower-case word.
    pub fn term(&self, word: &str) -> String {
        // "U.S." and "US" are the same name.
        let dotless: String = if word.contains('.') {
            word.replace('.', "")
        } else {
            word.to_owned()
        };
        if self.language == Language::Arabic {
            let bare = dotless
                .strip_prefix("وال")
                .or_else(|| dotless.strip_prefix("ال"))
                .or_else(|| dotless.strip_prefix("لل"));
            return bare
                .filter(|rest| rest.chars().count() >= 3)
                .unwrap_or(&dotless)
                .to_owned();
        }
        let Some(stemmer) = &self.stemmer else {
            return dotless;
        };
        if !dotless.chars().all(char::is_alphabetic) {
            return dotless;
        }
        let stem = stemmer.stem(&dotless);
        if self.language == Language::English {
            lexicon::concept(&stem).to_owned()
        } else {
            stem.into_owned()
        }
    }
}

/// Keeps labels such as "Model A" and "plan I": a single capital letter after a noun is a label,
/// whatever it means elsewhere. Its term keeps the capital, so that the article in "180 euros a
/// day" is distinct from the A of "room A".
fn label(text: &str, tokens: &mut [Token]) {
    for at in 1..tokens.len() {
        let (before, token) = (&tokens[at - 1], &tokens[at]);
        let letter =
            token.capital && token.stop && token.word.chars().count() == 1 && token.word != "i";
        let gap = text.get(before.range.end..token.range.start);
        let noun = before.form == Form::Word && !before.stop && before.word.len() > 2;
        if letter && noun && matches!(gap, Some(" " | "\u{a0}" | "-")) {
            tokens[at].stop = false;
            tokens[at].acronym = true;
            tokens[at].term.make_ascii_uppercase();
        }
    }
}

fn flush(run: &mut Vec<(usize, char)>, tokens: &mut Vec<Token>) {
    let glue = |c: char| {
        matches!(
            c,
            '\u{3041}'..='\u{309F}' | '的' | '了' | '是' | '在' | '和' | '与' | '也'
        )
    };
    let mut push = |pair: &[(usize, char)]| {
        let (Some(first), Some(last)) = (pair.first(), pair.last()) else {
            return;
        };
        let word: String = pair.iter().flat_map(|(_, c)| c.to_lowercase()).collect();
        tokens.push(Token {
            range: first.0..last.0 + last.1.len_utf8(),
            term: word.clone(),
            word,
            form: Form::Bigram,
            stop: pair.iter().any(|(_, c)| glue(*c)),
            capital: false,
            acronym: false,
        });
    };
    if run.len() == 1 {
        push(run);
    } else {
        run.windows(2).for_each(&mut push);
    }
    run.clear();
}

/// True for characters of scripts that write words without spaces.
pub(crate) fn unparted(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}' | '\u{3041}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FA1F}')
        && digit(c).is_none()
}

/// True for vowel marks and the tatweel, which are optional in Arabic writing.
fn mark_of_arabic(c: char) -> bool {
    matches!(c, '\u{64B}'..='\u{652}' | '\u{640}' | '\u{670}')
}

#[cfg(test)]
#[path = "tests/tokens.rs"]
mod tests;
