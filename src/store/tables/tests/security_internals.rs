use super::*;

#[test]
fn the_names_of_the_kinds_are_what_is_stored() {
    for kind in Kind::ALL {
        assert_eq!(name(&kind).unwrap(), kind.as_str());
        assert_eq!(read_name::<Kind>(kind.as_str()).unwrap(), kind);
    }
}
