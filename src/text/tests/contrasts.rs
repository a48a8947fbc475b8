use super::*;

#[test]
fn members_of_one_set_differ_and_names_of_one_member_do_not() {
    for (one, other) in [
        ("saturdays", "weekdays"),
        ("march", "september"),
        ("days", "weeks"),
        ("billion", "million"),
        ("new", "old"),
        ("smaller", "larger"),
        ("three", "four"),
        ("second", "third"),
        ("watt", "megawatts"),
    ] {
        assert!(
            contrast(one, other) && contrast(other, one),
            "{one} {other}"
        );
    }
    for (one, other) in [
        ("day", "days"),
        ("nov", "november"),
        ("big", "large"),
        ("second", "seconds"),
        ("new", "monday"),
        ("plant", "factory"),
    ] {
        assert!(!contrast(one, other), "{one} {other}");
    }
}
