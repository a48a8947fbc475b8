use crate::text::claims::{cut, extract};
use crate::text::non_claims::NonClaim;
use crate::text::span::Utf16Index;

#[test]
fn what_a_question_states_is_a_claim() {
    for (question, stated) in [
        (
            "The mill was built in 1902, right?",
            "The mill was built in 1902",
        ),
        (
            "The mill was built in 1902, wasn’t it?",
            "The mill was built in 1902",
        ),
        (
            "The mill was built in 1902 – correct?",
            "The mill was built in 1902",
        ),
        (
            "Did you know that the mill was built in 1902?",
            "the mill was built in 1902",
        ),
        (
            "Die Mühle wurde 1902 gebaut, oder?",
            "Die Mühle wurde 1902 gebaut",
        ),
        (
            "Wussten Sie, dass die Mühle 1902 gebaut wurde?",
            "die Mühle 1902 gebaut wurde",
        ),
        (
            "Le moulin fut construit en 1902, n'est-ce pas ?",
            "Le moulin fut construit en 1902",
        ),
        (
            "El molino fue construido en 1902, ¿verdad?",
            "El molino fue construido en 1902",
        ),
    ] {
        let candidate = format!("{question} It has 40 rooms.");
        let spans = Utf16Index::new(&candidate);
        let claims = extract(&candidate);
        assert_eq!(claims[0].text, stated, "{question}");
        let bytes = spans.bytes(claims[0].span).unwrap();
        assert_eq!(&candidate[bytes], stated);
        assert_eq!(claims.len(), 2, "{claims:?}");
    }
}

#[test]
fn what_only_asks_is_none() {
    for question in [
        "Who built the mill?",
        "Is it right?",
        "Right?",
        "Did you know?",
        "Did you know that?",
        "Is the mill open, or closed?",
        "Haben Sie Fragen?",
        "Avez-vous des questions ?",
    ] {
        let candidate = format!("The mill opened in 1902. {question}");
        let (claims, others) = cut(&candidate);
        assert_eq!(claims.len(), 1, "{question}: {claims:?}");
        let reasons: Vec<NonClaim> = others.into_iter().map(|(_, reason)| reason).collect();
        assert_eq!(reasons, [NonClaim::Question], "{question}");
    }
}
