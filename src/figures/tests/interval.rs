use super::*;

#[test]
fn t_quantiles_are_those_of_scipy() {
    // scipy.stats.t.ppf(0.975, df), scipy 1.12.0
    let table = [
        (1.0, 12.706204736432095),
        (2.0, 4.302652729911275),
        (3.0, 3.182446305284263),
        (4.0, 2.7764451051977987),
        (7.0, 2.3646242510102993),
        (9.0, 2.2621571627409915),
        (19.0, 2.093024054408263),
        (30.0, 2.0422724563012373),
        (120.0, 1.9799304050527766),
        (999.0, 1.9623414611334487),
    ];
    for (df, expected) in table {
        let got = t_quantile(0.975, df).unwrap();
        assert!((got - expected).abs() < 1e-8, "df {df}: {got}");
    }
}

#[test]
fn the_method_named_is_the_method_used() {
    let opinions: Vec<Opinion> = (0..8)
        .map(|i| Opinion {
            score: 40.0 + f64::from(i) * 5.0,
            confidence: 0.8,
            weight: 1.0,
        })
        .collect();
    let table = [
        (8, IntervalMethod::StudentT, Ok("student_t")),
        (8, IntervalMethod::Bootstrap, Ok("bootstrap")),
        (7, IntervalMethod::Bootstrap, Ok("student_t")),
        (2, IntervalMethod::StudentT, Err("fewer_than_3_judges")),
    ];
    for (n, asked, expected) in table {
        let got = interval(&opinions[..n], AggregationStrategy::Mean, asked, 0.0);
        let method = got.as_ref().map(|i| i.method.as_str()).map_err(|e| *e);
        assert_eq!(method, expected, "n {n}");
    }
}

fn scored(scores: &[f64]) -> Vec<Opinion> {
    let opinion = |&score: &f64| Opinion {
        score,
        confidence: 0.8,
        weight: 1.0,
    };
    scores.iter().map(opinion).collect()
}

#[test]
fn judges_that_err_alike_are_fewer_and_the_interval_is_wider() {
    let opinions = scored(&[40.0, 45.0, 50.0, 55.0, 48.0, 52.0, 47.0, 53.0]);
    let of =
        |method, correlation| interval(&opinions, AggregationStrategy::Mean, method, correlation);
    for method in [IntervalMethod::StudentT, IntervalMethod::Bootstrap] {
        let mut width = 0.0;
        for (correlation, expected) in [(0.0, 8.0), (0.1, 8.0 / 1.7), (0.3, 8.0 / 3.1)] {
            let got = of(method, correlation).unwrap();
            assert!((got.n_effective.unwrap() - expected).abs() < 1e-12 && got.n == 8);
            assert!(got.upper - got.lower > width, "{method:?} {correlation}");
            width = got.upper - got.lower;
        }
        // 8 / (1 + 7 · .5) = 1.8
        assert_eq!(of(method, 0.5).map(|_| ()), Err("dependent_judges"));
    }
    // By hand: the mean 48.75, s² = 23.64…, n' = 4, t(.975, 3) = 3.182446305284263.
    let four = of(IntervalMethod::StudentT, 1.0 / 7.0).unwrap();
    let variance: f64 = opinions
        .iter()
        .map(|o| (o.score - 48.75).powi(2))
        .sum::<f64>()
        / 7.0;
    let half = 3.182_446_305_284_263 * (variance / 4.0).sqrt();
    assert!((four.lower - (48.75 - half)).abs() < 1e-6, "{four:?}");
    assert!((four.upper - (48.75 + half)).abs() < 1e-6, "{four:?}");
}

#[test]
fn no_width_only_for_equal_scores_of_judges_that_err_apart() {
    for method in [IntervalMethod::StudentT, IntervalMethod::Bootstrap] {
        for score in [0.0, 37.5, 100.0] {
            let opinions = scored(&[score; 9]);
            let width = |correlation| {
                let strategy = AggregationStrategy::default();
                let got = interval(&opinions, strategy, method, correlation).unwrap();
                (got.upper - got.lower, got.n_effective.unwrap())
            };
            let ((apart, many), (alike, few)) = (width(0.2), width(0.4));
            assert!(many >= 3.0 && apart == 0.0);
            assert!((2.0..3.0).contains(&few) && alike > 0.1, "{alike}");
        }
    }
}
