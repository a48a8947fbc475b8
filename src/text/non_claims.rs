//! Classifies sentences that state nothing which a source could confirm, each with the reason.

use super::abstentions::abstains;
use super::analysis::Analysis;
use super::announcements::{self, COLONS};
use super::language::Language;
use super::sentences::{Part, Sentence};
use super::tokens::Form;
use super::{citations, courtesies, layout, unended, words};

/// Number of tokens at the beginning of a sentence that show whose view it gives.
const OPENING: usize = 4;

/// The reason why a sentence is no claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NonClaim {
    /// A heading by its markup, or a header row of a table.
    Heading,
    Question,
    /// A greeting, thanks, an offer of help, or the announcement of an answer.
    Courtesy,
    /// A sentence that ends with a colon and only announces what follows.
    Announcement,
    /// A taste or a view, without a number, a date or a name that could be verified.
    Opinion,
    /// A sentence stating that the source does not tell.
    Abstention,
    /// Too short to state anything.
    Fragment,
    /// The reasoning of a model.
    Think,
    Code,
    /// An entry of a list of sources.
    Reference,
}

impl NonClaim {
    /// Returns the name under which it is reported.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Heading => "heading",
            Self::Question => "question",
            Self::Courtesy => "courtesy",
            Self::Announcement => "announcement",
            Self::Opinion => "opinion",
            Self::Abstention => "abstention",
            Self::Fragment => "fragment",
            Self::Think => "think",
            Self::Code => "code",
            Self::Reference => "reference",
        }
    }
}

/// The neighbourhood of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    /// The only sentence of the candidate, and therefore an answer even if it is short.
    Alone,
    /// The first of several sentences, ended by a full stop; as much an answer as if nothing
    /// followed.
    First,
    /// Other sentences share its paragraph, so it is no heading even without an end mark.
    InBlock,
    Apart,
}

/// Returns the reason why a sentence can be neither true nor false; `None` for a claim. The tokens
/// and the text exclude an opening that was removed.
pub(crate) fn non_claim(
    text: &str,
    sentence: &Sentence,
    analysis: &Analysis,
    company: Company,
    language: Language,
) -> Option<NonClaim> {
    let alone = company == Company::Alone;
    let slice = &text[sentence.range.clone()];
    let body =
        without_emoticon(slice).trim_end_matches(['"', '\'', '”', '’', '»', '」', ')', '*', '_']);
    let tokens = &analysis.tokens;
    if tokens.is_empty() {
        return Some(NonClaim::Fragment);
    }
    if sentence.part == Part::Header {
        return Some(NonClaim::Heading);
    }
    let announces_list = body.ends_with(COLONS);
    let says_more = announces_list && announcements::states_itself(body, analysis, language);
    if sentence.heading && !says_more && !states(slice, analysis) {
        return Some(NonClaim::Heading);
    }
    if body.ends_with(['?', '？', '؟']) {
        return Some(NonClaim::Question);
    }
    let lead = sentence.lead.clone().and_then(|lead| text.get(lead));
    if matches!(sentence.part, Part::Item) && lead.is_some_and(lists_sources) {
        return Some(NonClaim::Reference);
    }
    if is_reference(slice) {
        return Some(NonClaim::Reference);
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    let valued = !analysis.dates.is_empty() || analysis.quantities.iter().any(|it| !it.weak);
    if courtesy(&words, body, valued) || courtesies::is_courtesy(body) {
        return Some(NonClaim::Courtesy);
    }
    if announces_list {
        return (!says_more).then_some(NonClaim::Announcement);
    }
    if announces(&words)
        && analysis.quantities.iter().all(|quantity| quantity.weak)
        && analysis.dates.is_empty()
    {
        return Some(NonClaim::Announcement);
    }
    // "What a great meeting!"
    if matches!(words[..], ["what", "a" | "an", ..]) && body.ends_with('!') {
        return Some(NonClaim::Opinion);
    }
    // A short cheer: "Happy upgrading!"
    if body.ends_with(['!', '！'])
        && tokens.len() <= 3
        && tokens[0].form == Form::Word
        && analysis.quantities.is_empty()
        && analysis.dates.is_empty()
        && !tokens.iter().any(|token| words::is_finite(&token.word))
        && !tokens.iter().skip(1).any(|token| token.capital)
        && !alone
    {
        return Some(NonClaim::Courtesy);
    }
    let whole_bold = ["**", "__"]
        .iter()
        .any(|mark| slice.starts_with(mark) && slice.ends_with(mark));
    match sentence.part {
        Part::Row => return None,
        Part::Item if alone => return None,
        Part::Item => {
            let title = whole_bold && analysis.quantities.is_empty() && !states(slice, analysis);
            let content = tokens
                .iter()
                .any(|token| token.content() || token.form != Form::Word);
            let named = tokens.len() >= 2 || lead.is_some() || tokens[0].form == Form::Bigram;
            return match (title, content && named) {
                (true, _) => Some(NonClaim::Heading),
                (_, false) => Some(NonClaim::Fragment),
                _ => None,
            };
        }
        _ => {}
    }
    if alone || sentence.heading || stated_field(slice, analysis) {
        return None;
    }
    let ended = body.ends_with(['.', '!', '…', '。', '！', '।', '॥', '۔', '．', '።', '։']);
    let enough = if ended || company == Company::InBlock && tokens.len() > 2 {
        tokens.len() >= 2
            || tokens[0].form == Form::Bigram
            || company == Company::First && !tokens[0].stop
    } else {
        unended::states(slice, tokens)
    };
    (!enough).then_some(NonClaim::Fragment)
}

/// Returns a sentence without the emoticon behind it, whose colon would make it an announcement.
fn without_emoticon(slice: &str) -> &str {
    let bare = slice.trim_end();
    EMOTICONS
        .iter()
        .find_map(|emoticon| bare.strip_suffix(emoticon))
        .filter(|before| before.ends_with(char::is_whitespace))
        .map_or(slice, str::trim_end)
}

const EMOTICONS: [&str; 8] = [":)", ":-)", ":(", ":-(", ";)", ";-)", ":D", ":P"];

/// Maximum number of words of a footnote that are taken for the name of a source.
const WORDS_OF_A_NAME: usize = 3;

/// True for the definition of a footnote by a source and a place in it alone, such as "[^1]: the handbook, page 3". The
/// place has to be there, and no other number: fewer words than these say nothing of what stands in the source, whatever
/// their language is.
fn is_reference(slice: &str) -> bool {
    let Some((label, rest)) = slice
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]:"))
    else {
        return false;
    };
    let is_number = !label.is_empty() && label.chars().all(|c| c.is_ascii_digit());
    let is_note = label.starts_with('^') && label.len() <= 40 && !label.contains(['[', ' ']);
    if !(is_number || is_note) {
        return false;
    }
    let words: Vec<String> = rest
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(20)
        .map(str::to_lowercase)
        .collect();
    let number = |word: &String| word.chars().all(|c| c.is_ascii_digit());
    let place = words
        .windows(2)
        .position(|pair| citations::is_keyword(&pair[0]) && number(&pair[1]));
    place.is_some_and(|place| {
        let (name, place) = words.split_at(place);
        name.len() <= WORDS_OF_A_NAME
            && !name.iter().any(number)
            && place
                .iter()
                .all(|word| number(word) || citations::is_keyword(word))
    })
}

/// True for a heading that states something: a whole sentence, or a name with its value.
fn states(slice: &str, analysis: &Analysis) -> bool {
    let tokens = &analysis.tokens;
    let bare = slice.trim_matches(|c: char| matches!(c, '*' | '_' | '#' | ' '));
    let asks = tokens.first().is_some_and(|first| {
        matches!(
            first.word.as_str(),
            "how"
                | "what"
                | "why"
                | "when"
                | "where"
                | "who"
                | "which"
                | "whether"
                | "wie"
                | "was"
                | "warum"
                | "wann"
                | "wo"
                | "wer"
                | "comment"
                | "pourquoi"
                | "quand"
                | "qui"
                | "cómo"
                | "qué"
                | "cuándo"
                | "quién"
                | "come"
                | "quando"
                | "chi"
                | "como"
                | "to"
                | "zu"
        )
    });
    if asks || bare.ends_with([':', '：', '?', '？']) || tokens.len() < 3 {
        return false;
    }
    let verb = tokens.iter().skip(1).any(|token| {
        (words::is_finite(&token.word) || unended::finite_elsewhere(&token.word)) && !token.capital
    });
    let value = !analysis.dates.is_empty() || !analysis.quantities.is_empty();
    let titled = bare.contains(": ");
    verb && !titled
        || value && tokens.iter().any(|token| token.form == Form::Bigram)
        || !slice.starts_with('#') && slice.starts_with("**") && stated_field(slice, analysis)
}

/// True for "Name: value" with a value of few words that states something by itself.
fn stated_field(slice: &str, analysis: &Analysis) -> bool {
    layout::field(slice).is_some_and(|(_, value)| {
        let value = &slice[value];
        !value.ends_with([':', '：']) && value.chars().any(char::is_alphanumeric)
    }) && analysis.tokens.len() >= 2
}

/// True for a line that introduces a list of sources.
fn lists_sources(lead: &str) -> bool {
    let bare = lead
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    matches!(
        bare.as_str(),
        "sources"
            | "source"
            | "references"
            | "citations"
            | "further reading"
            | "bibliography"
            | "works cited"
            | "quellen"
            | "quellenangaben"
            | "literatur"
            | "sources consulted"
            | "références"
            | "fuentes"
            | "referencias"
            | "fonti"
            | "fontes"
            | "bronnen"
            | "источники"
            | "来源"
            | "参考文献"
            | "参考资料"
            | "出典"
            | "참고 문헌"
            | "출처"
            | "المصادر"
    )
}

/// True for announcements such as "Below are the main points of the agreement."
fn announces(words: &[&str]) -> bool {
    matches!(
        words,
        ["here" | "below", "is" | "are", ..]
            | ["here's" | "following" | "below", ..]
            | ["the", "following", ..]
    ) && words.iter().any(|word| {
        matches!(
            *word,
            "summary"
                | "answer"
                | "list"
                | "overview"
                | "response"
                | "points"
                | "terms"
                | "key"
                | "main"
                | "details"
                | "facts"
                | "breakdown"
                | "what"
                | "steps"
                | "highlights"
                | "gist"
                | "information"
                | "table"
                | "decisions"
                | "explanation"
                | "comparison"
                | "everything"
        )
    })
}

/// Returns the reason why a clause, which may be the whole sentence, states nothing; `None` if it
/// is a claim.
pub(crate) fn states_nothing(clause: &str, analysis: &Analysis) -> Option<NonClaim> {
    if abstains(clause, &analysis.tokens) {
        return Some(NonClaim::Abstention);
    }
    let words: Vec<&str> = analysis
        .tokens
        .iter()
        .map(|token| token.word.as_str())
        .collect();
    opinion(&words, analysis).then_some(NonClaim::Opinion)
}

/// Returns whether a sentence expresses a view that contains nothing verifiable.
fn opinion(words: &[&str], analysis: &Analysis) -> bool {
    let opening = &words[..words.len().min(OPENING)];
    let mine = opening.windows(2).any(|pair| {
        matches!(
            pair,
            [
                "i",
                "think"
                    | "believe"
                    | "feel"
                    | "guess"
                    | "suppose"
                    | "love"
                    | "like"
                    | "prefer"
                    | "find"
            ] | [
                "my",
                "opinion" | "view" | "guess" | "favorite" | "favourite"
            ] | ["ich", "finde" | "glaube" | "denke" | "mag"]
                | ["je", "pense" | "crois" | "trouve"]
                | ["meiner", "meinung"]
                | ["mon", "avis"]
                | ["mi", "opinión"]
                | ["minha", "opinião"]
                | ["mio", "parere"]
        )
    }) || opening.starts_with(&["personally"]);
    mine && analysis.dates.is_empty()
        && analysis.quantities.is_empty()
        && analysis.entities.is_empty()
}

/// Returns whether a sentence is a greeting, thanks, the announcement of an answer or an offer of
/// help; `valued` means that it contains a number or a date.
fn courtesy(words: &[&str], body: &str, valued: bool) -> bool {
    let short = words.len() <= 12;
    let colon = body.ends_with([':', '：']);
    match words {
        [
            "hello" | "hi" | "hey" | "greetings" | "welcome" | "thanks" | "sorry" | "okay" | "ok",
            ..,
        ] if words.len() <= 4 && !matches!(words, ["thanks", "to", ..]) => true,
        // A single negating word is an answer, while "No data was lost." states something.
        [word] if courtesies::is_answer(word) => true,
        [
            "yes" | "no",
            "please" | "thanks" | "problem" | "problems" | "worries" | "offence",
        ]
        | ["yes" | "no", "thank", "you"] => true,
        ["sure" | "certainly" | "absolutely", ..] | ["of", "course", ..] if words.len() <= 3 => {
            true
        }
        ["thank", "you", ..]
        | ["i'm", "sorry" | "happy" | "glad", ..]
        | ["i", "am", "sorry" | "happy" | "glad", ..] => true,
        ["i", "hope", ..] | ["hope", ..] | ["let", "me", ..] | ["feel", "free", ..] => true,
        ["please", ..] => !valued,
        ["let's", ..]
        | ["you're", "welcome", ..]
        | ["you", "are", "welcome", ..]
        | ["as", "an", "ai", ..] => true,
        ["if", "you", ..]
            if words.iter().any(|word| {
                matches!(
                    *word,
                    "questions" | "help" | "ask" | "clarification" | "know"
                )
            }) =>
        {
            true
        }
        [
            "great" | "good" | "excellent" | "interesting",
            "question",
            ..,
        ] => true,
        ["here" | "here's" | "below" | "following", ..]
            if short
                && (colon
                    || words.iter().any(|word| {
                        matches!(
                            *word,
                            "summary" | "answer" | "list" | "overview" | "response"
                        )
                    })) =>
        {
            true
        }
        ["in", "summary" | "conclusion" | "short"] => true,
        _ => false,
    }
}

#[cfg(test)]
#[path = "tests/non_claims.rs"]
mod tests;
