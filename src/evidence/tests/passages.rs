use proptest::prelude::*;

use super::*;
use crate::domain::claim::ClaimType;
use crate::domain::ids::ClaimId;
use crate::text::span::Utf16Index;

fn claim(text: &str) -> Claim {
    Claim {
        id: ClaimId::new(uuid::Uuid::from_u128(1)),
        index: 0,
        text: text.to_owned(),
        kind: ClaimType::Factual,
        span: Span {
            start: 0,
            end: text.encode_utf16().count(),
        },
    }
}

const SOURCE: &str = "The weir was closed in spring. Ducks nest on the island. The ferry runs twice a day. \
    A storm broke the mast of the ferry. The captain repaired it with oak. Nobody was hurt. Cows graze nearby.";

#[test]
fn a_short_source_comes_back_whole_and_a_long_one_in_parts() {
    let index = SourceIndex::new(SOURCE);
    let claims = [claim("The captain repaired the ferry's mast.")];
    let whole = select(&index, &claims, None, 10_000);
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].text, SOURCE);
    let parts = select(&index, &claims, None, 80);
    assert_eq!(parts.len(), 1, "{parts:?}");
    assert_eq!(
        parts[0].text,
        "A storm broke the mast of the ferry. The captain repaired it with oak."
    );
    let asked = select(&index, &[], Some("Where do ducks nest?"), 40);
    assert_eq!(asked[0].text, "Ducks nest on the island.");
    assert!(select(&SourceIndex::new(""), &claims, None, 10).is_empty());
}

proptest! {
    #[test]
    fn passages_are_slices_in_order_within_the_limit(
        source in "([a-z漢😀]{1,6}[ .!?\n。]{1,2}){0,60}", text in "([a-z漢]{1,6} ){1,8}", limit in 0usize..200,
    ) {
        let index = SourceIndex::new(&source);
        let spans = Utf16Index::new(&source);
        let passages = select(&index, &[claim(&text)], None, limit);
        let mut end = 0;
        for passage in &passages {
            prop_assert!(passage.span.start >= end);
            end = passage.span.end;
            prop_assert_eq!(spans.bytes(passage.span).map(|range| &source[range]), Some(passage.text.as_str()));
        }
        prop_assert!(passages.iter().map(|passage| passage.text.chars().count()).sum::<usize>() <= limit);
    }
}
