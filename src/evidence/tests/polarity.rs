use super::*;
use crate::text::tokens::Tokenizer;

fn words(text: &str) -> Vec<String> {
    let tokenizer = Tokenizer::new(Language::of(text));
    let tokens = tokenizer.tokens(text, 0..text.len());
    let marks = negated(text, &tokens, tokenizer.language());
    tokens
        .into_iter()
        .zip(marks)
        .filter(|(_, mark)| mark.is_some())
        .map(|(token, _)| token.word)
        .collect()
}

#[test]
fn the_word_behind_the_negator_is_negated() {
    for (text, expected) in [
        ("The board did not approve the sale.", vec!["approve"]),
        ("The board never approved it.", vec!["approved"]),
        ("They found no evidence of fraud.", vec!["evidence"]),
        ("It failed to open, but the shop opened.", vec!["open"]),
        ("It is not only old but famous.", vec![]),
        ("There were no more than five.", vec![]),
        ("Der Rat genehmigte den Umbau nicht.", vec!["umbau"]),
        (
            "Le conseil n'a pas approuvé le projet de la ville.",
            vec!["approuvé"],
        ),
        ("Совет не одобрил проект.", vec!["одобрил"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn negations_of_scripts_that_write_them_into_a_run_or_a_verb() {
    for (claim, given, differ) in [
        ("该桥在1987年开通。", "该桥没有在1987年开通。", true),
        ("该桥未在1987年开通。", "该桥在1987年开通。", true),
        ("公司不生产汽车。", "公司生产汽车。", true),
        ("公司生产不同的汽车。", "公司生产不同的汽车。", false),
        ("公司生产不少汽车。", "公司生产汽车。", false),
        ("他从未去过北京。", "他去过北京。", true),
        ("店は開いていない。", "店は開いている。", true),
        (
            "다리는 1987년에 열리지 않았다.",
            "다리는 1987년에 열렸다.",
            true,
        ),
        ("회사는 공장을 팔았다.", "회사는 공장을 팔지 않았다.", true),
        ("직원이 없다.", "직원이 있다.", true),
        ("문을 안 열었다.", "문을 안 열었다.", false),
    ] {
        assert_eq!(
            of_characters(claim, given).is_some(),
            differ,
            "{claim} {given}"
        );
    }
}

#[test]
fn negations_inside_a_run_of_characters() {
    assert!(of_characters("政府没有批准计划", "政府批准了计划").is_some());
    assert!(of_characters("政府批准了计划", "政府没有批准计划").is_some());
    assert!(of_characters("政府没有批准计划", "政府没有批准计划").is_none());
    assert!(of_characters("plain", "not plain").is_none());
}
