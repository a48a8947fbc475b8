//! Sentences that state nothing which a source could bear out, each with its reason.

use super::analysis::Analysis;
use super::sentences::Sentence;
use super::tokens::Form;
use super::words;

/// Tokens from which a line without a full stop counts as a statement even without a verb.
const LONG_LINE: usize = 6;
/// Tokens at the beginning of a sentence in which its speaker shows.
const OPENING: usize = 4;

/// Why a sentence is no claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonClaim {
    /// A heading by its mark, or a table's row of names without a value.
    Heading,
    /// It asks.
    Question,
    /// A greeting, thanks, an offer of help, or what announces an answer.
    Courtesy,
    /// It ends with a colon: what follows states.
    Announcement,
    /// Somebody's taste or view, without a number, a date or a name that could be checked.
    Opinion,
    /// It says that the source does not tell.
    Abstention,
    /// Too little to state anything.
    Fragment,
}

impl NonClaim {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Heading => "heading",
            Self::Question => "question",
            Self::Courtesy => "courtesy",
            Self::Announcement => "announcement",
            Self::Opinion => "opinion",
            Self::Abstention => "abstention",
            Self::Fragment => "fragment",
        }
    }
}

/// The reason why a sentence can be neither true nor false; `None` for a claim. `alone`: it is the
/// candidate's only one, and so an answer however short it is.
pub fn non_claim(
    text: &str,
    sentence: &Sentence,
    analysis: &Analysis,
    alone: bool,
) -> Option<NonClaim> {
    let body = text[sentence.range.clone()]
        .trim_end_matches(['"', '\'', '”', '’', '»', '」', ')', '*', '_']);
    let tokens = &analysis.tokens;
    if tokens.is_empty() {
        return Some(NonClaim::Fragment);
    }
    if sentence.heading {
        return Some(NonClaim::Heading);
    }
    if body.ends_with(['?', '？', '؟']) {
        return Some(NonClaim::Question);
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    if courtesy(&words, body) {
        return Some(NonClaim::Courtesy);
    }
    if body.ends_with([':', '：']) {
        return Some(NonClaim::Announcement);
    }
    // "What a great meeting!"
    if matches!(words[..], ["what", "a" | "an", ..]) && body.ends_with('!') {
        return Some(NonClaim::Opinion);
    }
    if alone {
        return None;
    }
    let ended = body.ends_with(['.', '!', '…', '。', '！', '।', '॥', '۔', '．', '።', '։']);
    let enough = if ended {
        tokens.len() >= 2 || tokens[0].form == Form::Bigram
    } else {
        let verb = tokens.iter().any(|token| words::is_finite(&token.word));
        let number = tokens.iter().any(|token| token.form == Form::Number);
        (verb && tokens.len() >= 3) || (number && tokens.len() >= 2) || tokens.len() >= LONG_LINE
    };
    (!enough).then_some(NonClaim::Fragment)
}

/// The same of one clause of a sentence, which may be all of it.
pub fn states_nothing(clause: &str, analysis: &Analysis) -> Option<NonClaim> {
    if abstention(clause) {
        return Some(NonClaim::Abstention);
    }
    let words: Vec<&str> = analysis
        .tokens
        .iter()
        .map(|token| token.word.as_str())
        .collect();
    opinion(&words, analysis).then_some(NonClaim::Opinion)
}

/// What an answerer says of a source that does not tell, in the languages that have stop words here. A part
/// of each list has to stand in the sentence.
const ABSTENTIONS: &[(&[&str], &[&str])] = &[
    (
        &[
            "the text",
            "this text",
            "the source",
            "passage",
            "the document",
            "the article",
            "the context",
            "the excerpt",
            "provided text",
            "given text",
            "provided context",
            "information provided",
            "provided information",
        ],
        &[
            "does not say",
            "do not say",
            "doesn't say",
            "don't say",
            "does not mention",
            "do not mention",
            "doesn't mention",
            "don't mention",
            "does not state",
            "do not state",
            "doesn't state",
            "does not specify",
            "do not specify",
            "doesn't specify",
            "does not tell",
            "doesn't tell",
            "does not indicate",
            "do not indicate",
            "doesn't indicate",
            "does not provide",
            "do not provide",
            "doesn't provide",
            "don't provide",
            "does not contain",
            "do not contain",
            "doesn't contain",
            "no information",
            "no mention",
            "not mentioned in the",
            "not stated in the",
            "not specified in the",
            "not provided in the",
            "unable to answer",
            "cannot answer",
            "can't answer",
            "cannot be answered",
            "not possible to answer",
            "not enough information",
        ],
    ),
    (
        &["text", "quelle", "dokument", "artikel", "passage"],
        &[
            "sagt nicht",
            "erwähnt nicht",
            "nennt nicht",
            "geht nicht hervor",
            "keine angaben",
            "keine information",
        ],
    ),
    (
        &["texte", "source", "document", "article", "passage"],
        &[
            "ne dit pas",
            "ne mentionne pas",
            "ne précise pas",
            "n'indique pas",
            "aucune information",
        ],
    ),
    (
        &[
            "texto",
            "fuente",
            "fonte",
            "documento",
            "artículo",
            "artigo",
            "testo",
        ],
        &[
            "no dice",
            "no menciona",
            "no indica",
            "no especifica",
            "ninguna información",
            "não diz",
            "não menciona",
            "não informa",
            "non dice",
            "non menziona",
            "non specifica",
            "nessuna informazione",
        ],
    ),
    (
        &["текст", "источник", "документ"],
        &["не говорит", "не упомина", "не сообщает", "нет информации"],
    ),
    (&["النص", "المصدر"], &["لا يذكر", "لا يقول", "لا يوضح"]),
    (
        &["原文", "文中", "资料", "文章", "本文", "資料"],
        &[
            "没有提到",
            "未提及",
            "没有说明",
            "沒有提到",
            "触れられていない",
            "記載されていない",
            "記載がない",
        ],
    ),
];

/// Whether a sentence says that the source is silent.
fn abstention(body: &str) -> bool {
    let body = body.to_lowercase().replace('’', "'");
    // What follows may state something after all.
    let turns = [
        " but ",
        " although ",
        " though ",
        " while ",
        " however",
        " aber ",
        " mais ",
        " pero ",
        " ma ",
        " mas ",
        " но ",
    ];
    if turns.iter().any(|turn| body.contains(turn)) {
        return false;
    }
    let has = |list: &[&str]| list.iter().any(|part| body.contains(part));
    ABSTENTIONS
        .iter()
        .any(|(whose, what)| has(whose) && has(what))
        || [
            "i don't know",
            "i do not know",
            "unable to answer",
            "ich weiß es nicht",
            "je ne sais pas",
        ]
        .iter()
        .any(|whole| body.trim_end_matches(['.', '!']).eq(*whole))
}

/// Whether a sentence gives a view that nothing in it could check.
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

/// Greetings, thanks, announcements of an answer, offers of help.
fn courtesy(words: &[&str], body: &str) -> bool {
    let short = words.len() <= 12;
    let colon = body.ends_with([':', '：']);
    match words {
        [
            "hello" | "hi" | "hey" | "greetings" | "welcome" | "thanks" | "sorry" | "yes" | "no"
            | "okay" | "ok",
            ..,
        ] if words.len() <= 4 => true,
        ["sure" | "certainly" | "absolutely", ..] if short => true,
        ["of", "course", ..] if short => true,
        ["thank", "you", ..]
        | ["i'm", "sorry" | "happy" | "glad", ..]
        | ["i", "am", "sorry" | "happy" | "glad", ..] => true,
        ["i", "hope", ..]
        | ["hope", ..]
        | ["let", "me", ..]
        | ["feel", "free", ..]
        | ["please", ..] => true,
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
