use super::*;

fn equal(scores: &[f64]) -> Vec<Opinion> {
    scores
        .iter()
        .map(|&score| Opinion {
            score,
            confidence: 1.0,
            weight: 1.0,
        })
        .collect()
}

#[test]
fn trimmed_mean_trims_from_four_scores_on() {
    let table: &[(&[f64], f64)] = &[
        (&[40.0], 40.0),
        (&[0.0, 50.0, 70.0], 40.0),
        (&[0.0, 50.0, 70.0, 100.0], 60.0),
    ];
    for (scores, expected) in table {
        let got = consensus(&equal(scores), AggregationStrategy::TrimmedMean);
        assert_eq!(got, Some(*expected), "{scores:?}");
    }
}

#[test]
fn the_fullest_third_wins_and_a_tie_falls_back_to_the_median() {
    let third = 100.0 / 3.0;
    let table: &[(&[f64], f64)] = &[
        (&[10.0, 90.0, 92.0], 91.0),
        (&[10.0, 20.0, 80.0, 90.0], 50.0),
        (&[10.0, 50.0, 90.0], 50.0),
        // The bounds belong to the upper third.
        (&[10.0, third, 34.0], (third + 34.0) / 2.0),
        (&[50.0, 200.0 / 3.0, 100.0], (200.0 / 3.0 + 100.0) / 2.0),
    ];
    for (scores, expected) in table {
        let got = consensus(&equal(scores), AggregationStrategy::MajorityVote);
        assert_eq!(got, Some(*expected), "{scores:?}");
    }
}

#[test]
fn weights_that_cancel_out_leave_the_mean() {
    let opinions = [
        Opinion {
            score: 20.0,
            confidence: 0.0,
            weight: 3.0,
        },
        Opinion {
            score: 60.0,
            confidence: 1.0,
            weight: 0.0,
        },
    ];
    assert_eq!(
        consensus(&opinions, AggregationStrategy::WeightedAverage),
        Some(40.0)
    );
}

#[test]
fn enormous_weights_stay_finite() {
    let mut opinions = equal(&[20.0, 60.0, 100.0]);
    for opinion in &mut opinions {
        opinion.weight = f64::MAX;
    }
    let got = consensus(&opinions, AggregationStrategy::WeightedAverage).unwrap();
    assert!((got - 60.0).abs() < 1e-9, "{got}");
}

#[test]
fn rounding_does_not_leave_the_scale() {
    for n in 1..200u32 {
        let opinions: Vec<Opinion> = (1..=n)
            .map(|i| Opinion {
                score: 100.0,
                confidence: 1.0 / f64::from(i),
                weight: f64::from(i).sqrt(),
            })
            .collect();
        let got = consensus(&opinions, AggregationStrategy::WeightedAverage);
        assert_eq!(got, Some(100.0), "{n} judges");
    }
}

#[test]
fn nobody_has_no_consensus() {
    assert_eq!(consensus(&[], AggregationStrategy::WeightedAverage), None);
}
