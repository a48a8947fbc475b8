use super::*;

#[test]
fn every_shape_stays_inside_and_shows_its_value() {
    let interval_of = |lower, upper| ConfidenceInterval {
        level: 0.95,
        lower,
        upper,
        method: "student_t".into(),
        n: 4,
        n_effective: None,
    };
    let rows = [("a", Some(1.0)), ("b", None), ("c", Some(2.0))].map(|(name, share)| Row {
        name: name.into(),
        share,
        end: "x".into(),
        ink: Ink::Good,
    });
    let mut charts = vec![bars("Bars", &rows)];
    for value in [-1.0, 0.0, 0.4, 50.0, 99.6, 100.0, 101.0] {
        charts.push(gauge("Gauge", value));
        let ends = interval_of(0.0, 100.0);
        charts.push(interval(value, Some(&ends), &[("a", 0.0), ("b", 100.0)]));
    }
    let drawings = |chart: Chart| {
        let all = [Some(chart.drawing), chart.narrow].into_iter().flatten();
        all.map(move |drawing| (chart.title, drawing))
    };
    for (title, drawing) in charts.into_iter().flat_map(drawings) {
        let inside = |(x, y): Point| {
            (0.0..=drawing.width).contains(&x) && (0.0..=drawing.height).contains(&y)
        };
        for shape in &drawing.shapes {
            let fits = match shape {
                Shape::Bar(at, size, _) => inside(*at) && inside((at.0 + size.0, at.1 + size.1)),
                Shape::Curve(points, ..) => points.iter().all(|point| inside(*point)),
                Shape::Dot(at, ..) | Shape::Label(at, ..) => inside(*at),
            };
            assert!(fits, "{title}: {shape:?}");
        }
    }
    let half = gauge("Gauge", 50.0);
    let Shape::Curve(points, _, ink) = &half.drawing.shapes[1] else {
        panic!("an arc")
    };
    let top = points.last().unwrap();
    assert!(
        (top.0 - 150.0).abs() < 0.01 && (top.1 - 30.0).abs() < 0.01,
        "{top:?}"
    );
    assert_eq!(*ink, Ink::Accent, "no colour of a verdict");
}
