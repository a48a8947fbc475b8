use uuid::Uuid;

use super::*;
use crate::domain::guard::GuardVerdict;
use crate::domain::panel::PanelStamp;

fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(number))
}

fn settings(name: &str, source: &str) -> BeginCheck {
    serde_json::from_value(serde_json::json!({"check_id": name, "source_text": source})).unwrap()
}

fn code(begun: Result<Arc<AsyncMutex<Draft>>, Refusal>) -> Option<ErrorCode> {
    begun.err().map(|refusal| refusal.code)
}

#[tokio::test]
async fn one_is_held_for_a_user_whoever_else_uses_its_name_and_until_nothing_is_heard_of_it() {
    let (drafts, begun) = (Drafts::default(), Instant::now());
    let begin = |number, at| drafts.begin(user(number), &settings("a", "S"), at).unwrap();
    begin(1, begun).lock().await.next_piece = 3;
    assert_eq!(begin(1, begun).lock().await.next_piece, 3);
    assert_eq!(begin(2, begun).lock().await.next_piece, 0);
    assert!(drafts.get(user(1), "a", begun + IDLE / 2).is_ok());
    assert!(
        drafts.get(user(1), "a", begun + IDLE).is_ok(),
        "it was heard of"
    );
    let gone = drafts.get(user(2), "a", begun + IDLE);
    assert_eq!(code(gone), Some(ErrorCode::NotFound));
    drafts.sweep_at(begun + IDLE * 2);
    assert!(drafts.all().is_empty());
}

#[tokio::test]
async fn none_is_held_for_longer_than_the_longest_time() {
    let (drafts, begun) = (Drafts::default(), Instant::now());
    drafts.begin(user(1), &settings("a", "S"), begun).unwrap();
    let step = IDLE / 2;
    let mut at = begun;
    while at + step < begun + LONGEST {
        at += step;
        assert!(drafts.get(user(1), "a", at).is_ok());
    }
    let late = drafts.get(user(1), "a", begun + LONGEST);
    assert_eq!(code(late), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn their_number_and_their_bytes_are_bounded() {
    let drafts = Drafts::default();
    for number in 0..OF_USER {
        drafts
            .begin(user(1), &settings(&number.to_string(), "S"), Instant::now())
            .unwrap();
    }
    assert_eq!(
        code(drafts.begin(user(1), &settings("more", "S"), Instant::now())),
        Some(ErrorCode::RateLimited)
    );
    assert!(
        drafts
            .begin(user(2), &settings("more", "S"), Instant::now())
            .is_ok()
    );
    let of_user = drafts.grow(user(1), "0", BYTES_OF_USER).unwrap_err();
    assert_eq!(of_user.code, ErrorCode::RateLimited);
    for number in 10..20 {
        drafts
            .begin(user(number), &settings("a", "S"), Instant::now())
            .unwrap();
        let grown = drafts.grow(user(number), "a", BYTES_OF_USER - 1000);
        if let Err(refusal) = grown {
            assert_eq!(refusal.code, ErrorCode::Overloaded);
            return;
        }
    }
    panic!("the bytes of all have no bound");
}

#[tokio::test]
async fn one_that_has_ended_is_known_but_takes_no_room() {
    let (drafts, now) = (Drafts::default(), Instant::now());
    let begin = |name: &str, at| drafts.begin(user(1), &settings(name, "S"), at);
    let names = |count: usize| (0..count).map(|number| number.to_string());
    for name in names(OF_USER) {
        let draft = begin(&name, now).unwrap();
        drafts
            .grow(user(1), &name, BYTES_OF_USER / OF_USER - 1)
            .unwrap();
        if name == "0" {
            draft.lock().await.next_piece = 3;
        }
    }
    assert_eq!(
        code(begin("more", now)),
        Some(ErrorCode::RateLimited),
        "all are under way"
    );
    for (after, name) in (1..).zip(names(OF_USER)) {
        let draft = drafts.get(user(1), &name, now).unwrap();
        drafts.end(user(1), &name, &draft, now + Duration::from_millis(after));
    }
    assert_eq!(begin("0", now).unwrap().lock().await.next_piece, 3);
    let more = begin("more", now).unwrap();
    drafts
        .grow(user(1), "more", BYTES_OF_USER - 1)
        .expect("the ended ones gave their bytes back");
    // The one that ended first goes first.
    drafts.end(user(1), "more", &more, now + Duration::from_secs(1));
    assert_eq!(
        code(drafts.get(user(1), "0", now)),
        Some(ErrorCode::NotFound)
    );
    assert!(drafts.get(user(1), "1", now).is_ok());
    assert!(drafts.get(user(1), "more", now).is_ok());
}

#[tokio::test]
async fn the_ended_ones_of_all_users_are_bounded_in_number() {
    let (drafts, now) = (Drafts::default(), Instant::now());
    for number in 0..=ENDED_OF_ALL as u64 {
        let owner = user(number.into());
        let draft = drafts.begin(owner, &settings("a", "S"), now).unwrap();
        drafts.end(owner, "a", &draft, now + Duration::from_millis(number));
    }
    assert_eq!(drafts.all().len(), ENDED_OF_ALL);
    let first = drafts.get(user(0), "a", now);
    assert_eq!(code(first), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn the_end_of_a_dropped_draft_is_not_the_end_of_its_namesake() {
    let (drafts, now) = (Drafts::default(), Instant::now());
    let dropped = drafts.begin(user(1), &settings("a", "S"), now).unwrap();
    let later = now + LONGEST;
    drafts.begin(user(1), &settings("a", "S"), later).unwrap();
    drafts.end(user(1), "a", &dropped, later);
    assert!(drafts.all().values().all(|held| held.ended.is_none()));
}

#[tokio::test]
async fn an_ended_one_drops_its_texts_and_is_still_told_by_its_settings() {
    let drafts = Drafts::default();
    let begun = settings("a", "The mill is old.");
    let draft = drafts.begin(user(1), &begun, Instant::now()).unwrap();
    let mut draft = draft.lock().await;
    draft.candidate.push_str("The mill is new.");
    draft.is_whole = true;
    assert!(draft.is_of(&begun));
    draft.end(CheckView {
        verdict: GuardVerdict::Flag,
        reasons: Vec::new(),
        outcome_reason: None,
        faithfulness: None,
        threshold: 0.5,
        claims: Vec::new(),
        non_claims: Vec::new(),
        judges: Vec::new(),
        missing: Vec::new(),
        panel: PanelStamp {
            fingerprint: String::new(),
            release: String::new(),
            neural: false,
            judges: Vec::new(),
            calibration: None,
        },
        took_ms: 1,
        evaluation_id: None,
    });
    assert!(draft.is_of(&begun));
    assert!(!draft.is_of(&settings("a", "Something else.")));
    assert_eq!((draft.source.as_str(), draft.candidate.as_str()), ("", ""));
    assert!(!draft.settings.source_text.contains("mill"));
    assert!(draft.progress(Vec::new()).result.is_some());
}

#[tokio::test]
async fn pieces_come_in_their_order_and_the_source_first() {
    let drafts = Drafts::default();
    let draft = drafts
        .begin(user(1), &settings("a", ""), Instant::now())
        .unwrap();
    let mut draft = draft.lock().await;
    let piece = |number: u32, part: &str, text: &str, last: bool| -> AddToCheck {
        let data = serde_json::json!({"check_id": "a", "piece": number, "part": part, "text": text, "last": last});
        serde_json::from_value(data).unwrap()
    };
    let pointer = |draft: &Draft, piece: &AddToCheck| draft.fault(piece).map(|fault| fault.pointer);
    assert_eq!(
        pointer(&draft, &piece(0, "candidate", "C", false)).as_deref(),
        Some("/data/part")
    );
    assert_eq!(pointer(&draft, &piece(0, "source", "S", false)), None);
    draft.source.push_str("The mill is old.");
    draft.next_piece = 1;
    assert_eq!(
        pointer(&draft, &piece(2, "candidate", "C", false)).as_deref(),
        Some("/data/piece")
    );
    assert_eq!(
        pointer(&draft, &piece(1, "candidate", "", true)).as_deref(),
        Some("/data/text")
    );
    assert_eq!(pointer(&draft, &piece(1, "candidate", "C", false)), None);
    draft.candidate.push('C');
    assert_eq!(
        pointer(&draft, &piece(1, "source", "S", false)).as_deref(),
        Some("/data/part")
    );
    draft.candidate = "c".repeat(MAX_CANDIDATE_CHARS);
    assert_eq!(
        pointer(&draft, &piece(1, "candidate", "C", false)).as_deref(),
        Some("/data/text")
    );
    draft.is_whole = true;
    assert_eq!(
        pointer(&draft, &piece(1, "candidate", "", true)).as_deref(),
        Some("/data/piece")
    );
}
