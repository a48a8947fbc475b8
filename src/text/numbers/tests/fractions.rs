use super::*;

#[test]
fn a_fraction_in_one_character_has_the_value_that_unicode_gives_it() {
    for (character, value) in [
        ('½', Some(0.5)),
        ('⅔', Some(2.0 / 3.0)),
        ('⅖', Some(0.4)),
        ('⅞', Some(0.875)),
        ('⅒', Some(0.1)),
        ('⅐', Some(1.0 / 7.0)),
        ('⅟', None),
        ('Ⅴ', None),
        ('2', None),
    ] {
        assert_eq!(vulgar(character), value, "{character}");
    }
}
