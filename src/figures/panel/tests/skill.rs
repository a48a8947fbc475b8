use super::*;

#[test]
fn every_row_is_a_distribution_and_the_diagonal_is_its_largest() {
    for skill in [LANGUAGE_MODEL, CHECKER, OFFLINE] {
        for (truth, row) in skill.rates.iter().enumerate() {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{row:?}");
            assert!(row.iter().all(|rate| *rate > 0.0), "{row:?}");
            if skill.group != Group::Offline {
                let most = row.iter().copied().fold(0.0, f64::max);
                assert_eq!(most, row[truth], "{row:?}");
            }
        }
        // Each label speaks for itself: it is likelier where it is true than where another is.
        for label in 0..3 {
            let own = skill.rates[label][label];
            assert!((0..3).all(|truth| truth == label || skill.rates[truth][label] < own));
        }
    }
}
