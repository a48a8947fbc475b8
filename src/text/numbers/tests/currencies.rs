use super::*;

#[test]
fn a_shared_name_fits_each_of_its_currencies_and_no_other() {
    for (one, two, same) in [
        ("dollar", "usd", true),
        ("usd", "dollar", true),
        ("usd", "cad", false),
        ("crown", "dollar", false),
        ("gbp", EITHER_POUND, true),
        ("yen or yuan", "jpy", true),
        ("jpy", "cny", false),
    ] {
        assert_eq!(same_money(one, two), same, "{one} {two}");
    }
    assert_eq!(of_country("norwegian", "crown"), Some("nok"));
    assert_eq!(of_country("norwegian", "dollar"), None);
    assert_eq!(code("try", false), None);
}
