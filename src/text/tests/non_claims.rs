use super::NonClaim;
use crate::text::claims::{cut, non_claims};

#[test]
fn what_is_no_claim_says_why() {
    for (candidate, expected) in [
        (
            "The mill opened in 1902. What do you want to know?",
            NonClaim::Question,
        ),
        ("Hello there! The mill opened in 1902.", NonClaim::Courtesy),
        (
            "The mill opened in 1902. I hope this helps!",
            NonClaim::Courtesy,
        ),
        (
            "These are the facts:\n- The mill opened in 1902.",
            NonClaim::Announcement,
        ),
        ("# The mill\nThe mill opened in 1902.", NonClaim::Heading),
        (
            "The mill opened in 1902. What a lovely place!",
            NonClaim::Opinion,
        ),
        (
            "The mill opened in 1902. In my opinion it is lovely.",
            NonClaim::Opinion,
        ),
        (
            "Ich finde das sehr schön. Die Mühle wurde 1902 eröffnet.",
            NonClaim::Opinion,
        ),
        (
            "The mill opened in 1902. The text does not say who built it.",
            NonClaim::Abstention,
        ),
        (
            "The mill opened in 1902. The price is not mentioned in the passage.",
            NonClaim::Abstention,
        ),
        (
            "The mill opened in 1902. There is no information in the source on wages.",
            NonClaim::Abstention,
        ),
        (
            "Die Mühle wurde 1902 eröffnet. Der Text erwähnt nicht, wer sie baute.",
            NonClaim::Abstention,
        ),
        (
            "Le moulin ouvrit en 1902. Le texte ne précise pas le prix.",
            NonClaim::Abstention,
        ),
        (
            "El molino abrió en 1902. El texto no menciona el precio.",
            NonClaim::Abstention,
        ),
        ("工厂于1902年开业。文中没有提到价格。", NonClaim::Abstention),
        (
            "The mill opened in 1902.\n\nMore to come",
            NonClaim::Fragment,
        ),
    ] {
        let (claims, others) = cut(candidate);
        assert_eq!(claims.len(), 1, "{candidate}: {claims:?}");
        assert!(claims[0].text.contains("1902"), "{candidate}");
        let reasons: Vec<NonClaim> = others.into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, [expected], "{candidate}");
    }
}

#[test]
fn thoughts_and_code_are_told_apart() {
    let (claims, others) =
        cut("<think>It may be 1984.</think>The mill opened in 1902.\n```js\nlet x = 1;\n```\n");
    assert_eq!(claims.len(), 1);
    assert_eq!(
        others.iter().map(|other| other.1).collect::<Vec<_>>(),
        [NonClaim::Think, NonClaim::Code]
    );
    assert_eq!(
        non_claims("Maybe.\n</think>It is old.")[0].1.as_str(),
        "think"
    );
}
