use super::*;
use crate::domain::claim::Span;
use crate::domain::ids::Id;
use crate::domain::verdict::DocumentPlace;

fn passage(document: u128, start: usize, text: &str) -> Retrieved {
    Retrieved {
        place: DocumentPlace {
            collection_id: Id::new(uuid::Uuid::from_u128(1)),
            document_id: Id::new(uuid::Uuid::from_u128(document)),
        },
        name: "notes".to_owned(),
        text: text.to_owned(),
        span: Span {
            start,
            end: start + text.len(),
        },
    }
}

#[test]
fn every_claim_gets_its_best_before_one_gets_its_second() {
    let lists = vec![
        vec![
            passage(2, 0, "aaaa"),
            passage(2, 10, "bbbb"),
            passage(1, 9, "c"),
        ],
        vec![passage(1, 0, "dddd"), passage(2, 0, "aaaa")],
        vec![],
    ];
    let texts = |max| -> Vec<String> {
        let chosen = choose(lists.clone(), max);
        chosen.into_iter().map(|passage| passage.text).collect()
    };
    assert_eq!(texts(100), ["dddd", "c", "aaaa", "bbbb"]);
    assert_eq!(texts(8), ["dddd", "aaaa"]);
    assert_eq!(texts(9), ["dddd", "c", "aaaa"]);
    assert!(texts(0).is_empty());
}
