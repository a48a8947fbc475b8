use super::*;

#[test]
fn each_statement_is_one_claim_with_its_place() {
    let texts = vec!["Grüße. Es regnet.".to_owned(), "🌊 x".to_owned()];
    let (candidate, claims) = statements(&texts);
    let units: Vec<u16> = candidate.encode_utf16().collect();
    for (claim, text) in claims.iter().zip(&texts) {
        let there = &units[claim.span.start..claim.span.end];
        assert_eq!(&String::from_utf16(there).unwrap(), text);
        assert_eq!(&claim.text, text);
    }
}

#[test]
fn blank_and_too_many_statements_are_refused() {
    assert_eq!(claims_faults(&[])[0].pointer, "/claims");
    assert_eq!(
        claims_faults(&vec!["a".to_owned(); 101])[0].pointer,
        "/claims"
    );
    assert_eq!(
        claims_faults(&["a".into(), " ".into()])[0].pointer,
        "/claims/1"
    );
    let long = "x".repeat(2_001);
    assert_eq!(claims_faults(&[long])[0].pointer, "/claims/0");
    assert!(claims_faults(&["The mill is old.".into()]).is_empty());
}
