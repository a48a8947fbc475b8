use super::*;

fn read(names: &[&str]) -> Result<Labels, String> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    Labels::read(&names)
}

#[test]
fn labels_are_those_of_a_model_for_inference() {
    for names in [
        &["entailment", "neutral", "contradiction"][..],
        &["contradiction", "neutral", "entailment"],
        &["not_entailment", "entailment"],
        &["entailment"],
        &["entailment", "not_entailment", "not_entailment"],
    ] {
        assert_eq!(read(names).unwrap().len(), names.len());
    }
    for names in [
        &[][..],
        &["neutral"],
        &["entailment", "entailment"],
        &["entailment", "neutral"],
        &["entailment", "neutral", "not_entailment"],
        &["entailment", "neutral", "Contradiction"],
    ] {
        assert!(read(names).is_err(), "{names:?}");
    }
}

#[test]
fn outputs_become_probabilities_in_the_order_of_the_labels() {
    let labels = read(&["contradiction", "entailment", "neutral"]).unwrap();
    let opinion = labels.opinion(&[0.0, 2f32.ln(), 0.0]).unwrap();
    assert!((opinion.entailed, opinion.contradicted) == (0.5, 0.25));
    let sure = labels.opinion(&[-1000.0, 1000.0, 0.0]).unwrap();
    assert_eq!((sure.entailed, sure.contradicted), (1.0, 0.0));
    let two = read(&["not_entailment", "entailment"]).unwrap();
    assert_eq!(two.opinion(&[0.0, 0.0]).unwrap().contradicted, 0.0);
    for broken in [
        &[0.0, f32::NAN, 0.0][..],
        &[f32::INFINITY, 0.0, 0.0],
        &[0.0, 0.0],
    ] {
        assert_eq!(labels.opinion(broken), None, "{broken:?}");
    }
}

#[test]
fn a_single_output_is_a_probability_by_itself() {
    let one = read(&["entailment"]).unwrap();
    let of = |logit: f32| one.opinion(&[logit]).unwrap().entailed;
    assert_eq!((of(0.0), of(3f32.ln())), (0.5, 0.75));
    assert_eq!((of(1000.0), of(-1000.0)), (1.0, 0.0));
    assert!(!one.tell_contradiction());
}

#[test]
fn tokens_are_unsupported_by_one_output() {
    let read = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        TokenLabels::read(&names)
    };
    let usual = read(&["supported", "unsupported"]).unwrap();
    assert_eq!(usual.unsupported(&[0.0, 3f32.ln()]), Some(0.75));
    assert_eq!(usual.unsupported(&[0.0]), None);
    assert_eq!(usual.unsupported(&[0.0, f32::NAN]), None);
    let many = read(&["supported", "unsupported", "supported"]).unwrap();
    assert_eq!(many.unsupported(&[0.0, 2f32.ln(), 0.0]), Some(0.5));
    assert_eq!(
        read(&["unsupported"]).unwrap().unsupported(&[0.0]),
        Some(0.5)
    );
    for names in [
        &["supported"][..],
        &[],
        &["unsupported", "unsupported"],
        &["unsupported", "entailment"],
    ] {
        assert!(read(names).is_err(), "{names:?}");
    }
}
