//! Who stands on which side of a verb, a comparison or an order in time.

use super::index::meets;
use crate::text::tokens::{Form, Token};
use crate::text::words;

/// Tokens on either side of a pivot that are compared.
const SIDE: usize = 12;

#[derive(PartialEq, Eq)]
enum Voice {
    Active,
    /// With the doer behind "by".
    Passive,
    /// Without a doer, or an adjective ("was fascinated").
    Agentless,
}

/// Whether what stands left and right of a pivot has changed sides; none where it can't be told.
///
/// A passive with its doer counts as turned round; dates and amounts count for nothing, since they
/// stand where they like.
pub fn crossed(claim: &[Token], at: usize, given: &[Token], place: usize) -> Option<bool> {
    let flip = match (voice(claim, at), voice(given, place)) {
        (Voice::Active, Voice::Agentless) | (Voice::Agentless, Voice::Active) => return None,
        (Voice::Active, Voice::Passive) | (Voice::Passive, Voice::Active) => true,
        _ => false,
    };
    let (mut left, mut right) = sides(claim, at);
    let (other_left, other_right) = sides(given, place);
    // Who stands next to the verb is who does it or has it done; what stands further off ("… over the
    // patent") is common to both.
    let mut doer = left.last().copied();
    let mut done_to = right.first().copied();
    if flip {
        std::mem::swap(&mut left, &mut right);
        std::mem::swap(&mut doer, &mut done_to);
    }
    let (other_doer, other_done_to) = (other_left.last().copied(), other_right.first().copied());
    let meet = |one: &[&Token], two: &[&Token]| {
        one.iter().any(|one| two.iter().any(|two| meets(one, two)))
    };
    let straight = meet(&left, &other_left) || meet(&right, &other_right);
    let crossed = meet(&left, &other_right) && meet(&right, &other_left);
    // Names weigh more than what is given, sold or said: "Norway sold gas to Poland".
    let [left, right, other_left, other_right] =
        [left, right, other_left, other_right].map(|side| names(&side));
    if meet(&left, &other_right)
        && meet(&right, &other_left)
        && !meet(&left, &other_left)
        && !meet(&right, &other_right)
    {
        return Some(true);
    }
    match (straight, crossed) {
        (false, true) => Some(true),
        (true, false) => Some(false),
        (true, true) => {
            let same = |one: Option<&Token>, two: Option<&Token>| {
                one.zip(two).is_some_and(|(one, two)| meets(one, two))
            };
            let swapped = same(doer, other_done_to) && same(done_to, other_doer);
            (swapped && !same(doer, other_doer)).then_some(true)
        }
        (false, false) => None,
    }
}

fn names<'a>(side: &[&'a Token]) -> Vec<&'a Token> {
    side.iter().copied().filter(|token| token.capital).collect()
}

/// True for a word that stands like a verb between its subject and its object: a content word
/// before it, a determiner or a name behind it.
pub fn transitive(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let subject = at
        .checked_sub(1)
        .is_some_and(|before| tokens[before].content());
    token.content()
        && !token.capital
        && token.form == Form::Word
        && subject
        && tokens.get(at + 1).is_some_and(|next| {
            next.capital
                || matches!(
                    next.word.as_str(),
                    "the" | "a" | "an" | "its" | "his" | "her" | "their" | "more" | "less"
                )
        })
}

fn sides(tokens: &[Token], at: usize) -> (Vec<&Token>, Vec<&Token>) {
    let left = tokens[at.saturating_sub(SIDE)..at]
        .iter()
        .filter(|token| token.content());
    let right = tokens[at + 1..]
        .iter()
        .take(SIDE)
        .filter(|token| token.content());
    (left.collect(), right.collect())
}

fn voice(tokens: &[Token], at: usize) -> Voice {
    let by = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| matches!(token.word.as_str(), "by" | "von" | "par" | "por" | "da"))
            && tokens
                .get(at + 1)
                .is_some_and(|next| next.form != Form::Number)
    };
    let be = |token: &Token| {
        matches!(
            token.word.as_str(),
            "is" | "are"
                | "was"
                | "were"
                | "be"
                | "been"
                | "being"
                | "wurde"
                | "wurden"
                | "fue"
                | "foi"
        )
    };
    // Irregular participles ("was caught") are told by what stands right before them.
    let right_before = at
        .checked_sub(1)
        .is_some_and(|before| be(&tokens[before]) && tokens[at].content());
    let been = !tokens[at].word.ends_with("ing")
        && tokens.get(at + 1).is_none_or(|next| next.word != "than")
        && (right_before
            || (words::is_finite(&tokens[at].word) && tokens[..at].iter().rev().take(3).any(be)));
    if by(at + 1) || (been && (at + 2..at + 9).any(by)) {
        Voice::Passive
    } else if been {
        Voice::Agentless
    } else {
        Voice::Active
    }
}

/// True for verbs that tell nothing by which side a thing stands on: what somebody said may stand
/// before or behind the verb, and who met whom is the same either way.
pub fn speech(term: &str) -> bool {
    matches!(
        term,
        "say"
            | "accord"
            | "think"
            | "add"
            | "show"
            | "find"
            | "becom"
            | "remain"
            | "meet"
            | "marri"
            | "continu"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::language::Language;
    use crate::text::tokens::Tokenizer;

    fn around(claim: &str, given: &str, pivot: &str) -> Option<bool> {
        let tokenizer = Tokenizer::new(Language::English);
        let tokens = |text: &str| tokenizer.tokens(text, 0..text.len());
        let (claim, given) = (tokens(claim), tokens(given));
        let place = |tokens: &[Token]| tokens.iter().position(|token| token.word == pivot).unwrap();
        crossed(&claim, place(&claim), &given, place(&given))
    }

    #[test]
    fn sides_change_with_the_roles_and_not_with_the_voice() {
        let given = "Norvik acquired Baltra in 2015.";
        assert_eq!(
            around("Baltra acquired Norvik.", given, "acquired"),
            Some(true)
        );
        assert_eq!(
            around("Norvik acquired Baltra.", given, "acquired"),
            Some(false)
        );
        assert_eq!(
            around("Baltra was acquired in 2015 by Norvik.", given, "acquired"),
            Some(false)
        );
        assert_eq!(
            around("Norvik was acquired by Baltra.", given, "acquired"),
            Some(true)
        );
        assert_eq!(around("Baltra was acquired.", given, "acquired"), None);
    }

    #[test]
    fn what_both_have_behind_the_verb_hides_no_swap() {
        let given = "Anna sued Peter over the patent in 2019.";
        let swapped = "Peter sued Anna over the patent in 2019.";
        assert_eq!(around(swapped, given, "sued"), Some(true));
        assert_ne!(around(given, given, "sued"), Some(true));
        let passive = "Peter was sued by Anna over the patent.";
        assert_ne!(around(passive, given, "sued"), Some(true));
    }

    #[test]
    fn names_of_two_words_and_irregular_verbs() {
        let given = "Norvik Lines sold the ferry to Baltra Marine.";
        let swapped = "Baltra Marine sold the ferry to Norvik Lines.";
        assert_eq!(around(swapped, given, "sold"), Some(true));
        assert_ne!(around(given, given, "sold"), Some(true));
        let given = "The hawk caught the snake by the river.";
        let swapped = "The snake caught the hawk by the river.";
        assert_eq!(around(swapped, given, "caught"), Some(true));
        let passive = "By the river the snake was caught by the hawk.";
        assert_ne!(around(passive, given, "caught"), Some(true));
    }
}
