//! Sentences that say that the source does not tell, or that the answerer does not know.

use std::sync::LazyLock;

use super::abstention_patterns::ENGLISH;
use super::abstention_words::{GLUED, LANGUAGES, WHOLE, Words};
use super::phrases::Patterns;
use super::tokens::Token;

/// Words before which an abstention begins.
const FIRST: usize = 4;
/// Tokens of a sentence that only abstains.
const LONGEST: usize = 45;

/// English words of which every abstention has one.
const DENIALS: &[&str] = &[
    "not",
    "no",
    "nothing",
    "none",
    "nobody",
    "never",
    "neither",
    "nowhere",
    "cannot",
    "unable",
    "unclear",
    "unknown",
    "insufficient",
    "inadequate",
    "lack",
    "lacks",
    "lacked",
    "fail",
    "fails",
    "failed",
    "neglects",
    "silent",
    "impossible",
    "n/a",
    "n",
    "unanswerable",
    "without",
    "more",
    "additional",
    "further",
    "beyond",
    "outside",
    "leave",
    "leaves",
    "vague",
    "sorry",
    "unspecified",
    "unstated",
    "little",
    "afraid",
    "remains",
    "remain",
];

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(ENGLISH.iter().copied()));

/// Whether a clause, whose tokens are given, says nothing but that the source is silent.
pub(super) fn abstains(clause: &str, tokens: &[Token]) -> bool {
    let lower = clause.trim().to_lowercase().replace('’', "'");
    let bare = lower
        .trim_end_matches(['.', '!', '。', '！', '*', '_', '"', ')'])
        .trim_start_matches(['*', '_', '"', '(']);
    if WHOLE.contains(&bare) {
        return true;
    }
    if tokens.is_empty() || tokens.len() > LONGEST {
        return false;
    }
    let has = |list: &[&str]| list.iter().any(|part| bare.contains(part));
    let turned = [
        "但",
        "然而",
        "不过",
        "ただし",
        "しかし",
        "하지만",
        "그러나",
        "लेकिन",
    ];
    // Latin text holds none of these, and most text is Latin.
    let foreign = bare.chars().any(|c| c >= '\u{900}');
    if foreign && GLUED.iter().any(|(whose, what)| has(whose) && has(what)) && !has(&turned) {
        return true;
    }
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    if turns(&words) {
        return false;
    }
    // Nearly every sentence ends here: nothing in it denies anything.
    if words
        .iter()
        .any(|word| DENIALS.contains(word) || word.ends_with("n't"))
        && (0..words.len().min(FIRST))
            .any(|at| starts(&words, at) && PATTERNS.begins(&words[at..]).next().is_some())
    {
        return true;
    }
    LANGUAGES
        .iter()
        .any(|language| in_language(&words, language))
}

/// Whether an English abstention may begin at a word: at the first, or behind what only opens the sentence.
fn starts(words: &[&str], at: usize) -> bool {
    words[..at].iter().all(|word| {
        matches!(
            *word,
            "unfortunately"
                | "sorry"
                | "however"
                | "i'm"
                | "i"
                | "am"
                | "afraid"
                | "but"
                | "and"
                | "though"
                | "although"
                | "while"
                | "even"
                | "that"
                | "so"
                | "honestly"
                | "apologies"
                | "since"
                | "because"
                | "as"
                | "note"
                | "also"
                | "regrettably"
                | "sadly"
        )
    })
}

/// What follows may state something after all.
fn turns(words: &[&str]) -> bool {
    words.iter().skip(1).any(|word| {
        matches!(
            *word,
            "but"
                | "however"
                | "although"
                | "though"
                | "while"
                | "aber"
                | "jedoch"
                | "mais"
                | "pero"
                | "ma"
                | "mas"
                | "maar"
                | "но"
                | "лишь"
        )
    })
}

fn whole(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

fn beginning(list: &str, word: &str) -> bool {
    list.split_whitespace()
        .any(|listed| word.starts_with(listed))
}

/// Tokens within which the source, the denial and the telling stand.
const NEAR: usize = 12;

fn in_language(words: &[&str], language: &Words) -> bool {
    // French and Italian join an article or a pronoun.
    let bare = |word: &'_ str| -> usize { word.find('\'').map_or(0, |at| at + 1) };
    let place = |fits: &dyn Fn(&str) -> bool| {
        words
            .iter()
            .position(|word| fits(word) || fits(&word[bare(word)..]))
    };
    let Some(not) = place(&|word| whole(language.not, word) || word == "n'") else {
        return false;
    };
    let tell = place(&|word| beginning(language.tell, word));
    let source = place(&|word| whole(language.source, word));
    let near = |one: usize, two: usize| one.abs_diff(two) <= NEAR;
    if let (Some(source), Some(tell)) = (source, tell)
        && near(source, not)
        && near(not, tell)
        && near(source, tell)
        && source < NEAR.min(words.len())
    {
        return true;
    }
    // "keine Angaben dazu", "aucune information sur".
    let knowledge = place(&|word| beginning(language.knowledge, word));
    if knowledge.is_some_and(|at| at > not && at - not <= 3 && not <= 4) {
        return true;
    }
    // Some languages leave the speaker out: "no lo sé", "não sei", "non lo so".
    let know = place(&|word| beginning(language.know, word) && word.len() <= 16);
    let speaker = place(&|word| whole(language.speaker, word));
    let silent = words.len() <= 4 && not <= 1;
    know.is_some_and(|know| {
        (speaker.is_some_and(|speaker| speaker <= 3) && near(know, not) && not <= 8 && opens(words))
            || silent && knows(words[know])
    })
}

/// Verbs of knowing whose form says that the speaker knows.
fn knows(word: &str) -> bool {
    matches!(
        word,
        "sé" | "sabemos"
            | "sei"
            | "so"
            | "sappiamo"
            | "posso"
            | "puedo"
            | "sais"
            | "weiß"
            | "weiss"
            | "weet"
            | "знаю"
            | "знаем"
            | "أعرف"
            | "أعلم"
            | "tengo"
            | "tenho"
            | "ho"
    )
}

/// True where the sentence is short enough, or speaks of an answer, so that "ich fand keinen Schlüssel" stays a claim.
fn opens(words: &[&str]) -> bool {
    let about = "frage question pregunta domanda pergunta vraag вопрос antwort réponse respuesta risposta resposta antwoord ответ information \
        informationen información informazioni informações informatie информации beantworten répondre responder rispondere beantwoorden \
        ответить weiß weiss sais savoir sé sei so weet знаю sagen dire decir dizer zeggen сказать text texte texto testo tekst тексте bestimmen \
        déterminer determinar determinare bepalen определить أعرف أعلم";
    words.iter().any(|word| whole(about, word))
}

#[cfg(test)]
#[path = "tests/abstentions.rs"]
mod tests;
