use super::*;
use crate::audit::claims::claims_of;
use crate::audit::material::Material;
use crate::judges::injection::AllowedPhrases;

const FERRY: &str = "The ferry leaves at nine. It carries forty cars and was built in 1987.";
const POOL: &str = "The swimming pool was opened in 1961. It has six lanes and a café.";

/// What is found in an output beside the two sources.
fn found(candidate: &str) -> Option<CitationFindings> {
    of([("ferry", FERRY), ("pool", POOL)].as_slice(), candidate)
}

fn of(texts: &[(&str, &str)], candidate: &str) -> Option<CitationFindings> {
    with_claims(texts, candidate).0
}

/// The same with the claims, whose ids are new each time.
fn with_claims(texts: &[(&str, &str)], candidate: &str) -> (Option<CitationFindings>, Vec<Claim>) {
    let mut source = String::new();
    let mut sources = Vec::new();
    for (name, text) in texts {
        if !source.is_empty() {
            source.push_str("\n\n");
        }
        let start = source.encode_utf16().count();
        source.push_str(text);
        sources.push(NamedSource {
            name: (*name).to_owned(),
            span: Span {
                start,
                end: source.encode_utf16().count(),
            },
        });
    }
    let allowed = Arc::new(AllowedPhrases::new(Vec::<String>::new()));
    let material = Material::new((source, sources), candidate.to_owned(), None, None, allowed);
    let claims = claims_of(candidate);
    let compared = material.compared(&claims);
    let verdicts: Vec<Verdict> = (0..claims.len()).map(|at| compared.verdict(at)).collect();
    let found = findings(&Texts {
        source: material.source(),
        sources: material.sources(),
        candidate,
        claims: compared.read(),
        verdicts: &verdicts,
        index: material.index(),
        encoder: None,
    });
    (found, claims)
}

fn kinds(found: &CitationFindings) -> Vec<IssueType> {
    found.issues.iter().map(|issue| issue.kind).collect()
}

#[test]
fn a_right_citation_is_no_fault() {
    let found = found("The ferry carries forty cars [1]. The pool has six lanes [pool].").unwrap();
    assert!(kinds(&found).is_empty());
    assert_eq!(found.total, 2);
    let named: Vec<_> = found
        .items
        .iter()
        .map(|item| (item.source.as_deref(), item.label))
        .collect();
    assert_eq!(
        named,
        [
            (Some("ferry"), Some(Label::Supported)),
            (Some("pool"), Some(Label::Supported))
        ]
    );
    assert!(found.items.iter().all(|item| item.claim_id.is_some()));
}

#[test]
fn a_citation_of_nothing_is_told_with_its_place() {
    let candidate = "🌊 The ferry carries forty cars [7].";
    let found = found(candidate).unwrap();
    assert_eq!(kinds(&found), [IssueType::CitationUnknown]);
    let span = found.issues[0].span.unwrap();
    let units: Vec<u16> = candidate.encode_utf16().collect();
    let mark = String::from_utf16(&units[span.start..span.end]).unwrap();
    assert_eq!(mark, "[7]");
    assert_eq!(found.items[0].source, None);
}

#[test]
fn a_citation_of_the_wrong_source_is_told_with_the_right_one() {
    let found = found("The ferry carries forty cars [pool].").unwrap();
    assert_eq!(kinds(&found), [IssueType::CitationMismatch]);
    let told = &found.issues[0].description;
    assert_eq!(told, "\"pool\" does not say this; \"ferry\" does.");
    // One of two that says so is enough.
    let found = self::found("The ferry carries forty cars [1][2].").unwrap();
    assert!(kinds(&found).is_empty());
}

#[test]
fn what_no_source_says_is_no_fault_of_the_citation() {
    let found = found("The ferry carries ninety horses and a lion [1].").unwrap();
    assert!(kinds(&found).is_empty());
    assert_ne!(found.items[0].label, Some(Label::Supported));
}

#[test]
fn a_citation_in_the_midst_of_a_claim_and_one_at_its_end_are_both_its_own() {
    let candidate = "The ferry leaves at nine [1] beside a pool with six lanes [2].";
    let (found, claims) = with_claims(&[("ferry", FERRY), ("pool", POOL)], candidate);
    let found = found.unwrap();
    assert_eq!(claims.len(), 1, "{claims:?}");
    let cited: Vec<_> = found.items.iter().map(|item| item.claim_id).collect();
    assert_eq!(cited, [Some(claims[0].id), Some(claims[0].id)]);
    // Neither source says all of it, and no other says more.
    assert!(kinds(&found).is_empty(), "{:?}", found.issues);
}

#[test]
fn a_clause_with_a_wrong_citation_of_its_own_is_told() {
    for (candidate, wrong) in [
        (
            "The ferry leaves at nine [1], and the pool has six lanes [1].",
            "[1].",
        ),
        (
            "The ferry carries forty cars [pool], and the pool has six lanes [pool].",
            "[pool],",
        ),
        (
            "The ferry carries forty cars [2]; the pool was opened in 1961 [2].",
            "[2];",
        ),
        (
            "The pool has six lanes [2], it was opened in 1961 [1].",
            "[1].",
        ),
        (
            "The ferry leaves at nine [2] – the pool has six lanes [2].",
            "[2] –",
        ),
    ] {
        let (found, claims) = with_claims(&[("ferry", FERRY), ("pool", POOL)], candidate);
        let found = found.unwrap();
        assert_eq!(claims.len(), 2, "{candidate}");
        assert_eq!(kinds(&found), [IssueType::CitationMismatch], "{candidate}");
        let span = found.issues[0].span.unwrap();
        assert!(candidate[span.start..].starts_with(wrong), "{candidate}");
        // What cites its own source is right.
        assert_eq!(
            found
                .items
                .iter()
                .filter(|it| it.label == Some(Label::Supported))
                .count(),
            1
        );
    }
}

#[test]
fn a_citation_behind_the_full_stop_is_of_the_sentence_before_it() {
    let candidate =
        "The ferry leaves at nine. The pool has six lanes.[1] The ferry carries forty cars.";
    let (found, claims) = with_claims(&[("ferry", FERRY), ("pool", POOL)], candidate);
    let found = found.unwrap();
    assert_eq!(claims.len(), 3, "{claims:?}");
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].claim_id, Some(claims[1].id));
    assert_eq!(kinds(&found), [IssueType::CitationMismatch]);
}

#[test]
fn a_stitched_quotation_is_told_with_one_source_too() {
    let candidate = "The sign reads \"The ferry leaves at nine and was built in 1987\".";
    let found = of(&[("ferry", FERRY)], candidate).unwrap();
    assert_eq!(kinds(&found), [IssueType::QuoteStitched]);
}

#[test]
fn without_sources_by_name_nothing_is_cited() {
    assert_eq!(of(&[], "The ferry carries forty cars [1]."), None);
}

#[test]
fn a_name_in_brackets_states_nothing() {
    let candidate = "The ferry carries forty cars [pool timetable of 2031].";
    let texts = [("ferry", FERRY), ("pool timetable of 2031", POOL)];
    let sources: Vec<NamedSource> = texts
        .iter()
        .map(|(name, _)| NamedSource {
            name: (*name).to_owned(),
            span: Span { start: 0, end: 0 },
        })
        .collect();
    let claims: Arc<[Claim]> = claims_of(candidate).into();
    let read = without_marks(candidate, &claims, &sources);
    assert_eq!(
        claims[0].text,
        "The ferry carries forty cars [pool timetable of 2031]."
    );
    assert_eq!(read[0].text, "The ferry carries forty cars .");
    assert_eq!(read[0].span, claims[0].span, "the span is the candidate's");

    // What no source is called could be anything, and is verified.
    let candidate = "The ferry carries forty cars [ninety lorries].";
    let claims: Arc<[Claim]> = claims_of(candidate).into();
    let read = without_marks(candidate, &claims, &sources);
    assert_eq!(read[0].text, candidate);
}
