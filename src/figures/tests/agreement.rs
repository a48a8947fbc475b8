use super::*;

use Label::{NotEnoughInfo as N, Refuted as R, Supported as S};

#[test]
fn reasons_name_what_is_missing() {
    let table = [
        (vec![], 0, Some("fewer_than_2_raters")),
        (vec![vec![Some(S)]], 1, Some("fewer_than_2_raters")),
        (
            vec![vec![Some(S), None], vec![None, Some(R)]],
            2,
            Some("no_items"),
        ),
        (vec![vec![Some(S), Some(S)]], 2, Some("one_category")),
        (vec![vec![Some(S), Some(N)]], 2, None),
    ];
    for (items, raters, expected) in table {
        let got = of_labels(&items, raters);
        assert_eq!(got.undefined_because.as_deref(), expected, "{items:?}");
    }
}

#[test]
fn one_category_leaves_raw_and_ac1() {
    let got = of_labels(&[vec![Some(R), Some(R)], vec![Some(R), Some(R)]], 2);
    assert_eq!((got.raw, got.gwet_ac1), (Some(1.0), Some(1.0)));
    assert_eq!((got.fleiss_kappa, got.krippendorff_alpha), (None, None));
    assert_eq!(got.interpretation, None);
}

#[test]
fn alpha_counts_items_that_some_judge_left_out() {
    let items = [
        vec![Some(S), Some(S), None],
        vec![Some(R), None, Some(R)],
        vec![None, None, Some(N)],
    ];
    let got = of_labels(&items, 3);
    assert_eq!((got.items, got.raw), (2, None));
    assert_eq!(got.krippendorff_alpha, Some(1.0));
    assert_eq!(got.undefined_because.as_deref(), Some("no_items"));
}

#[test]
fn bounds_of_interpretation_belong_to_the_lower_word() {
    let table = [
        (-0.1, "poor"),
        (0.0, "slight"),
        (0.2, "slight"),
        (0.4, "fair"),
        (0.6, "moderate"),
        (0.8, "substantial"),
        (0.81, "almost_perfect"),
    ];
    for (alpha, expected) in table {
        assert_eq!(interpretation(alpha), expected, "{alpha}");
    }
}
