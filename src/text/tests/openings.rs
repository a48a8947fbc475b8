use crate::text::claims::{cut, extract};
use crate::text::non_claims::NonClaim;

#[test]
fn an_opening_hides_no_claim() {
    for (candidate, expected, reason) in [
        (
            "Sure, the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Of course! The mill opened in 1902.",
            "The mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Let me explain: the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Please note that the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "It should be noted that the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Thanks for asking, the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "I hope this helps, since the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "I'm not entirely sure, but the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Abstention,
        ),
        (
            "Good question! The mill opened in 1902.",
            "The mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Short answer: the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Although the text does not name the builder, the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Abstention,
        ),
        (
            "The text does not say who built it, but the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Abstention,
        ),
        (
            "Natürlich, die Mühle wurde 1902 eröffnet.",
            "die Mühle wurde 1902 eröffnet.",
            NonClaim::Courtesy,
        ),
        (
            "Bitte beachten Sie, dass die Mühle 1902 eröffnet wurde.",
            "die Mühle 1902 eröffnet wurde.",
            NonClaim::Courtesy,
        ),
        (
            "Bien sûr, le moulin ouvrit en 1902.",
            "le moulin ouvrit en 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Claro, el molino abrió en 1902.",
            "el molino abrió en 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Certo, il mulino aprì nel 1902.",
            "il mulino aprì nel 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Com certeza, o moinho abriu em 1902.",
            "o moinho abriu em 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Natuurlijk, de molen opende in 1902.",
            "de molen opende in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Конечно, мельница открылась в 1902 году.",
            "мельница открылась в 1902 году.",
            NonClaim::Courtesy,
        ),
        (
            "当然，工厂于1902年开业。",
            "工厂于1902年开业。",
            NonClaim::Courtesy,
        ),
        (
            "もちろん、工場は1902年に開業した。",
            "工場は1902年に開業した。",
            NonClaim::Courtesy,
        ),
        (
            "네, 공장은 1902년에 열었다.",
            "공장은 1902년에 열었다.",
            NonClaim::Courtesy,
        ),
        (
            "Based on the provided context, the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Announcement,
        ),
        (
            "According to the text: the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Announcement,
        ),
        (
            "As stated in the source, the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Announcement,
        ),
        (
            "From the passage above, the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Announcement,
        ),
        (
            "The document states that the mill opened in 1902.",
            "the mill opened in 1902.",
            NonClaim::Courtesy,
        ),
        (
            "Laut dem Text wurde die Mühle 1902 eröffnet.",
            "wurde die Mühle 1902 eröffnet.",
            NonClaim::Announcement,
        ),
        (
            "Selon le texte fourni, le moulin ouvrit en 1902.",
            "le moulin ouvrit en 1902.",
            NonClaim::Announcement,
        ),
        (
            "D'après le document, le moulin ouvrit en 1902.",
            "le moulin ouvrit en 1902.",
            NonClaim::Announcement,
        ),
        (
            "Según el texto, el molino abrió en 1902.",
            "el molino abrió en 1902.",
            NonClaim::Announcement,
        ),
        (
            "Secondo il testo, il mulino aprì nel 1902.",
            "il mulino aprì nel 1902.",
            NonClaim::Announcement,
        ),
        (
            "De acordo com o texto, o moinho abriu em 1902.",
            "o moinho abriu em 1902.",
            NonClaim::Announcement,
        ),
        (
            "Volgens de tekst werd de molen in 1902 geopend.",
            "werd de molen in 1902 geopend.",
            NonClaim::Announcement,
        ),
        (
            "Согласно тексту, мельница открылась в 1902 году.",
            "мельница открылась в 1902 году.",
            NonClaim::Announcement,
        ),
        (
            "根据文本，工厂于1902年开业。",
            "工厂于1902年开业。",
            NonClaim::Courtesy,
        ),
        (
            "本文によると、工場は1902年に開業した。",
            "工場は1902年に開業した。",
            NonClaim::Courtesy,
        ),
        (
            "본문에 따르면 공장은 1902년에 열었다.",
            "공장은 1902년에 열었다.",
            NonClaim::Announcement,
        ),
    ] {
        let (claims, others) = cut(candidate);
        let texts: Vec<&str> = claims.iter().map(|claim| claim.text.as_str()).collect();
        assert_eq!(texts, [expected], "{candidate}: {others:?}");
        assert_eq!(
            others.iter().map(|other| other.1).collect::<Vec<_>>(),
            [reason],
            "{candidate}"
        );
    }
    for candidate in [
        "Thanks to Anna Berg, the mill opened in 1902.",
        "No data was lost in 1902.",
        "No. 4 was a mill until 1902.",
        "It may be moved when that mill opens in 1902.",
        "If you want to leave in 1902, the mill is open.",
        "According to engineer Petra Lind, the mill opened in 1902.",
        "In the report of 1950, the mill was praised.",
        "Of course the mill opened in 1902.",
        "Well 7 was drilled in 1902.",
        "Ja und Nein standen 1902 zur Wahl.",
    ] {
        let claims = extract(candidate);
        assert_eq!(claims.len(), 1, "{candidate}: {claims:?}");
        assert_eq!(claims[0].text, candidate);
    }
}
