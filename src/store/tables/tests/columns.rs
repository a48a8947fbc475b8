use super::*;
use crate::domain::claim::ClaimType;
use crate::domain::verdict::Label;

#[test]
fn names_round_trip() {
    assert_eq!(name(&Label::NotEnoughInfo).unwrap(), "NOT_ENOUGH_INFO");
    assert_eq!(
        read_name::<Label>("NOT_ENOUGH_INFO").unwrap(),
        Label::NotEnoughInfo
    );
    assert_eq!(read_name::<ClaimType>("causal").unwrap(), ClaimType::Causal);
    assert!(read_name::<Label>("MAYBE").is_err());
}

#[test]
fn times_are_cut_not_rounded() {
    let at = DateTime::from_timestamp(1_800_000_000, 123_456_999).unwrap();
    assert_eq!(read_time(time(at)).timestamp_subsec_nanos(), 123_456_000);
}
