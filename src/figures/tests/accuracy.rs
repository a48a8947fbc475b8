use super::*;

fn pairs(rows: &[(f64, bool, usize)]) -> Vec<Observation> {
    rows.iter()
        .map(|&(against, supported, document)| Observation {
            probability: 1.0 - against / 100.0,
            supported,
            document,
        })
        .collect()
}

// All but the calibration error, which is counted by hand, agree with scikit-learn 1.9.1
// (roc_auc_score, balanced_accuracy_score, f1_score, brier_score_loss) on the same rows.
#[test]
fn figures_agree_with_the_reference() {
    let rows = pairs(&[
        (10.0, true, 0),
        (40.0, true, 0),
        (35.0, false, 1),
        (80.0, false, 1),
        (40.0, false, 2),
        (55.0, true, 3),
    ]);
    let got = accuracy(&rows, 0.62);
    assert!((got.auroc.unwrap() - 11.0 / 18.0).abs() < 1e-12);
    assert!((got.balanced_accuracy.unwrap() - 0.5).abs() < 1e-12);
    assert!((got.f1.unwrap() - 4.0 / 7.0).abs() < 1e-12);
    let brier = (0.01 + 0.16 + 0.4225 + 0.04 + 0.36 + 0.3025) / 6.0;
    assert!((got.brier.unwrap() - brier).abs() < 1e-12);
    // Bins: .9 | .65 | .6 and .6 | .45 | .2; in the seventh one of two is so.
    let gap = (0.1 + 0.65 + (0.8f64 - 1.0).abs() + 0.55 + 0.2) / 6.0;
    assert!((got.calibration_error.unwrap() - gap).abs() < 1e-12);
}

#[test]
fn one_label_alone_has_no_area() {
    let got = accuracy(&pairs(&[(10.0, true, 0), (90.0, true, 1)]), 0.5);
    assert_eq!((got.auroc, got.balanced_accuracy), (None, None));
    assert_eq!(got.f1, Some(0.0));
    assert!(interval(&got.resampled).is_none());
    assert_eq!(accuracy(&[], 0.5).brier, None);
}

#[test]
fn the_interval_holds_the_area_and_widens_with_fewer_documents() {
    let rows = |documents: usize| {
        let rows: Vec<_> = (0..400usize)
            .map(|at| {
                let supported = at % 2 == 0;
                let score = ((at * 7919) % 97) as f64 - if supported { 15.0 } else { 0.0 };
                (score.max(0.0), supported, at % documents)
            })
            .collect();
        accuracy(&pairs(&rows), 0.5)
    };
    let width = |accuracy: &Accuracy| {
        let (lower, upper) = interval(&accuracy.resampled).unwrap();
        let auroc = accuracy.auroc.unwrap();
        assert!(lower < auroc && auroc < upper, "{lower} {auroc} {upper}");
        upper - lower
    };
    assert!(width(&rows(400)) > 0.05);
    let mean = mean_of(&[&rows(400), &rows(399)]).unwrap();
    assert!(width(&mean) < width(&rows(400)));
}

#[test]
fn judges_that_err_alike_correlate() {
    let alike = [
        (90.0, 80.0, true),
        (20.0, 30.0, true),
        (80.0, 70.0, false),
        (10.0, 5.0, false),
    ];
    assert!(residual_correlation(&alike).unwrap() > 0.95);
    let apart = alike.map(|(one, two, supported)| (one, 100.0 - two, supported));
    assert!(residual_correlation(&apart).unwrap() < -0.95);
    assert_eq!(residual_correlation(&[(50.0, 1.0, true)]), None);
}
