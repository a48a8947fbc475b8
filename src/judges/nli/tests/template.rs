use super::*;

const BOTH: [Slot; 2] = [Slot::Evidence, Slot::Claim];

#[test]
fn slots_are_filled_once_and_what_fills_them_is_no_template() {
    let template = Template::read("say: {evidence}</s>{claim}!", &BOTH).unwrap();
    let filled = template.fill(|slot| match slot {
        Slot::Evidence => "a {claim} b".to_owned(),
        _ => "{evidence}".to_owned(),
    });
    assert_eq!(filled, "say: a {claim} b</s>{evidence}!");
    let turned = Template::read("{claim} {evidence}", &BOTH).unwrap();
    let filled = turned.fill(|slot| format!("{slot:?}"));
    assert_eq!(filled, "Claim Evidence");
}

#[test]
fn a_template_has_just_what_is_wanted() {
    for (text, told) in [
        ("{evidence}", "no {claim}"),
        ("{claim}", "no {evidence}"),
        ("{evidence} {claim} {claim}", "more than once"),
        ("{evidence} {claim} {question}", "may not have {question}"),
    ] {
        let refused = Template::read(text, &BOTH).unwrap_err();
        assert!(refused.contains(told), "{refused}");
    }
}
