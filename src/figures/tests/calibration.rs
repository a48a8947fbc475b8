use super::*;

const UNSUPPORTED: [usize; 10] = [6, 9, 11, 12, 13, 14, 15, 17, 18, 19];

fn pairs() -> Vec<Observation> {
    (0..20)
        .map(|at| Observation {
            probability: 0.95 - 0.045 * at as f64,
            supported: !UNSUPPORTED.contains(&at),
            document: at,
        })
        .collect()
}

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-9, "{got}, not {expected}");
}

/// Expected values: nested bisection of the gradient in Python, no Newton.
#[test]
fn the_fit_is_the_minimum_that_another_method_finds() {
    let map = fit(&pairs()).unwrap();
    near(map.slope, 1.258_511_371_928);
    near(map.intercept, -0.112_293_510_411);
    near(map.apply(0.90), 1.0 - 0.065_808_120_878);
    near(map.apply(0.10), 1.0 - 0.946_724_200_337);
    let product = sigmoid(map.slope * logit(THRESHOLD) + map.intercept);
    near(map.threshold, (10.0 + 20.0 * product) / 40.0);
}

#[test]
fn no_label_is_the_identity_and_few_stay_near_it() {
    let none = fitted([].iter());
    near(none.apply(0.36), 0.36);
    near(none.threshold, THRESHOLD);
    let all = pairs();
    let away = |count: usize| {
        let reversed: Vec<_> = (0..count)
            .map(|at| Observation {
                supported: !all[at % 20].supported,
                ..all[at % 20]
            })
            .collect();
        (fitted(reversed.iter()).apply(0.1) - 0.1).abs()
    };
    assert!(away(2) < 0.06 && away(20) > 0.3, "{} {}", away(2), away(20));
}

#[test]
fn reversed_labels_flatten_but_never_turn_the_order() {
    let reversed: Vec<_> = (0..160)
        .map(|at| Observation {
            supported: !pairs()[at % 20].supported,
            ..pairs()[at % 20]
        })
        .collect();
    let map = fit(&reversed).unwrap();
    near(map.slope, LEAST_SLOPE);
    assert!(map.apply(0.20) < map.apply(0.21));
}

#[test]
fn too_few_labels_and_one_class_are_refused() {
    assert!(fit(&pairs()[..19]).unwrap_err().contains("too few"));
    let mut same = pairs();
    for pair in &mut same {
        pair.supported = true;
    }
    assert!(fit(&same).unwrap_err().contains("the same"));
}

#[test]
fn what_a_document_says_is_not_used_on_itself() {
    // Twenty documents of a coin each: a map that had seen them would do better than one that
    // had not.
    let all = pairs();
    let carries = carries(&all).unwrap();
    let map = fit(&all).unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|pair| Observation {
            probability: map.apply(pair.probability),
            ..*pair
        })
        .collect();
    let seen = accuracy(&seen, map.threshold);
    assert_eq!(carries.folds, 20);
    assert!(carries.after.brier > seen.brier);
    near(
        carries.before.brier.unwrap(),
        accuracy(&all, THRESHOLD).brier.unwrap(),
    );
    assert!(carries.brier_change.0 < carries.brier_change.1);
    let one: Vec<_> = all
        .iter()
        .map(|pair| Observation {
            document: 0,
            ..*pair
        })
        .collect();
    assert!(super::carries(&one).is_none());
}

#[test]
fn figures_that_are_off_by_an_odds_ratio_become_chances() {
    // 400 pairs whose real chance is two higher on the logit scale.
    let pairs: Vec<_> = (0..400)
        .map(|at| {
            let probability = 0.9 - 0.01 * (at % 80) as f64;
            let chance = sigmoid(logit(probability) + 2.0);
            let place = (at * 7 % 20) as f64 / 20.0;
            Observation {
                probability,
                supported: place < chance,
                document: at,
            }
        })
        .collect();
    let carries = carries(&pairs).unwrap();
    assert!(carries.after.calibration_error < Some(0.08), "{carries:?}");
    assert!(carries.before.calibration_error > Some(0.2));
    assert!(carries.brier_change.1 < 0.0);
}

/// Expected values: numerical derivatives of the loss and NumPy's inverse
/// (`Covariance` of 20 documents of one label, and of four documents whose labels agree).
#[test]
fn the_precision_of_a_fit_is_that_of_another_implementation() {
    let close = |got: f64, expected: f64| {
        assert!((got - expected).abs() < 1e-6, "{got}, not {expected}");
    };
    let own = fit(&pairs()).unwrap().covariance.unwrap();
    close(own.slope, 0.142_524_845);
    close(own.intercept, 0.236_392_262);
    close(own.both, -0.007_818_440);
    let shared: Vec<_> = pairs()
        .into_iter()
        .enumerate()
        .map(|(at, pair)| Observation {
            document: at % 2 + 2 * usize::from(pair.supported),
            ..pair
        })
        .collect();
    let shared = fit(&shared).unwrap().covariance.unwrap();
    close(shared.slope, 0.293_360_175);
    close(shared.intercept, 0.486_568_325);
    close(shared.both, -0.016_092_765);
}

#[test]
fn one_document_tells_no_precision() {
    let one: Vec<_> = pairs()
        .into_iter()
        .map(|pair| Observation {
            document: 0,
            ..pair
        })
        .collect();
    let map = fit(&one).unwrap();
    assert_eq!(map.covariance, None);
    assert_eq!(map.interval(0.5), None);
}

/// Of 95 % intervals about 95 % have the true chance in them, wherever it is asked.
#[test]
fn intervals_have_the_true_chance_in_them_as_often_as_they_say() {
    let (slope, intercept) = (1.2, -0.4);
    let mut random = SplitMix64::new(7);
    let mut chance = || random.below(1 << 30) as f64 / f64::from(1 << 30);
    let asked = [0.1, 0.4, 0.8];
    let mut within = [0; 3];
    let trials = 400;
    for _ in 0..trials {
        let drawn: Vec<_> = (0..120)
            .map(|document| {
                let probability = 0.02 + 0.96 * chance();
                let supported = chance() < sigmoid(slope * logit(probability) + intercept);
                Observation {
                    probability,
                    supported,
                    document,
                }
            })
            .collect();
        let map = fit(&drawn).unwrap();
        for (count, at) in within.iter_mut().zip(asked) {
            let interval = map.interval(at).unwrap();
            let truth = sigmoid(slope * logit(at) + intercept);
            assert!(interval.lower < map.apply(at) && map.apply(at) < interval.upper);
            *count += usize::from(interval.lower <= truth && truth <= interval.upper);
        }
    }
    let shares = within.map(|count| count as f64 / f64::from(trials));
    assert!(
        shares.iter().all(|share| (0.92..=0.99).contains(share)),
        "{shares:?}"
    );
}

#[test]
fn a_map_of_an_earlier_version_has_no_interval_and_a_broken_one_is_refused() {
    let map: Map =
        serde_json::from_str(r#"{"slope":1.2,"intercept":0.1,"threshold":0.4}"#).unwrap();
    assert!(map.is_valid());
    assert_eq!(map.interval(0.5), None);
    assert!(!serde_json::to_string(&map).unwrap().contains("covariance"));
    for (slope, intercept, both) in [(-0.1, 0.1, 0.0), (0.1, -0.1, 0.0), (0.1, 0.1, 0.2)] {
        let broken = Map {
            covariance: Some(Covariance {
                slope,
                intercept,
                both,
            }),
            ..map
        };
        assert!(!broken.is_valid(), "{broken:?}");
    }
}
