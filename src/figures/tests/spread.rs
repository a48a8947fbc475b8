use super::*;

fn opinions(scores: &[f64]) -> Vec<Opinion> {
    scores
        .iter()
        .map(|&score| Opinion {
            score,
            confidence: 0.5,
            weight: 1.0,
        })
        .collect()
}

#[test]
fn one_score_has_no_variance() {
    let one = statistics(&opinions(&[42.0])).unwrap();
    assert_eq!((one.variance, one.standard_deviation), (None, None));
    assert_eq!((one.q1, one.median, one.q3), (42.0, 42.0, 42.0));
    assert_eq!(r_wg_star(&opinions(&[42.0])), None);
    assert_eq!(statistics(&[]), None);
}

#[test]
fn r_wg_star_runs_from_the_widest_split_to_unison() {
    let table: &[(&[f64], f64)] = &[
        (&[0.0, 100.0], 0.0),
        (&[0.0, 0.0, 100.0, 100.0], 0.0),
        (&[70.0, 70.0, 70.0], 1.0),
        (&[50.0, 100.0], 0.75),
    ];
    for (scores, expected) in table {
        let got = r_wg_star(&opinions(scores)).unwrap();
        assert!((got - expected).abs() < 1e-12, "{scores:?}: {got}");
    }
}
