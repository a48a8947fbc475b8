use super::*;

fn chances(supported: f64, refuted: f64) -> Probabilities {
    Probabilities {
        supported,
        refuted,
        not_enough_info: 1.0 - supported - refuted,
    }
}

#[test]
fn figures_of_seven_claims() {
    use Label::{NotEnoughInfo, Refuted, Supported};
    let rows = [
        (
            Truth::Label(Supported),
            Some((Supported, chances(0.85, 0.05))),
        ),
        (
            Truth::Label(Supported),
            Some((Refuted, chances(0.15, 0.75))),
        ),
        (Truth::Label(Supported), None),
        (
            Truth::Label(Refuted),
            Some((Supported, chances(0.85, 0.05))),
        ),
        (Truth::Label(Refuted), Some((Refuted, chances(0.05, 0.85)))),
        (
            Truth::Label(NotEnoughInfo),
            Some((NotEnoughInfo, chances(0.25, 0.25))),
        ),
        (Truth::NotSupported, Some((Refuted, chances(0.25, 0.65)))),
    ];
    let claims = rows.map(|(truth, given)| Judged {
        truth,
        given,
        document: 0,
    });
    let got = three_way(&claims);
    assert_eq!((got.claims, got.not_covered), (7, 1));
    assert_eq!(got.accuracy, Some(3.0 / 6.0));
    assert_eq!(got.confusion.0, [[1, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 0]]);
    assert_eq!(got.false_marked_supported, Some(1.0 / 4.0));
    assert_eq!(got.true_marked_refuted, Some(1.0 / 3.0));
    assert_eq!(got.true_marked_not_enough_info, Some(0.0));
    // .85 against .85, .05, .25, .25: 3.5; .15 against them: 1; of 8.
    assert!((got.auroc.unwrap() - 4.5 / 8.0).abs() < 1e-12);
    // SUPPORTED, bins .85 .85 (one of two), .15 (one of one), .05 (none), .25 .25 (none).
    let supported = (0.7 + 0.85 + 0.05 + 0.5) / 6.0;
    assert!((got.calibration_error[0].unwrap() - supported).abs() < 1e-12);
    // REFUTED over the five with a label: .05 .05 (one of two), .75 (none), .85 (one), .25 (none).
    let refuted = (0.9 + 0.75 + 0.15 + 0.25) / 5.0;
    assert!((got.calibration_error[1].unwrap() - refuted).abs() < 1e-12);
}

#[test]
fn nothing_labelled_has_no_figure() {
    let got = three_way(&[]);
    assert_eq!((got.accuracy, got.auroc), (None, None));
    assert_eq!(got.calibration_error, [None; 3]);
    assert_eq!(got.false_marked_supported, None);
}
