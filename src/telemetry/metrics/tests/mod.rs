use super::*;

#[test]
fn the_text_is_what_prometheus_reads() {
    let metrics = Metrics::new().unwrap();
    metrics.closes.count("1012");
    metrics.closes.count("1012");
    metrics.expect_judge("facts", "facts");
    metrics.judged("facts", "facts", "completed", Duration::from_millis(20));
    metrics.commit_events.observe(3.0);
    metrics.read(Reading::Rooms, || 7).unwrap();
    let text = metrics.text().unwrap();
    for line in [
        "# TYPE auditor_closes_total counter",
        r#"auditor_closes_total{code="1012"} 2"#,
        r#"auditor_closes_total{code="4429"} 0"#,
        r#"auditor_judge_calls_total{judge="facts",kind="facts",outcome="completed"} 1"#,
        r#"auditor_judge_calls_total{judge="facts",kind="facts",outcome="timeout"} 0"#,
        r#"auditor_judge_call_duration_seconds_bucket{judge="facts",kind="facts",le="0.005"} 0"#,
        r#"auditor_judge_call_duration_seconds_bucket{judge="facts",kind="facts",le="0.025"} 1"#,
        r#"auditor_commit_events_bucket{le="2"} 0"#,
        r#"auditor_commit_events_bucket{le="+Inf"} 1"#,
        "auditor_commit_events_sum 3",
        "# HELP auditor_rooms Sessions that are watched or run.",
        "# TYPE auditor_rooms gauge",
        "auditor_rooms 7",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn what_a_client_chooses_becomes_no_label() {
    let metrics = Metrics::new().unwrap();
    metrics.answered(None, "BREW", 799, Duration::ZERO);
    metrics.answered(Some("/a/{id}"), "GET", 204, Duration::ZERO);
    let text = metrics.text().unwrap();
    for series in [
        r#"auditor_http_requests_total{method="other",route="other",status="5xx"} 1"#,
        r#"auditor_http_requests_total{method="GET",route="/a/{id}",status="2xx"} 1"#,
    ] {
        assert!(text.contains(series), "{series}\n{text}");
    }
    assert!(!text.contains("BREW"));
}

#[test]
#[should_panic(expected = "is not listed")]
fn an_unlisted_kind_is_noticed() {
    Metrics::new().unwrap().joins.count("ada");
}

#[test]
fn a_figure_is_read_once() {
    let metrics = Metrics::new().unwrap();
    metrics.read(Reading::Draining, || 0).unwrap();
    assert!(metrics.read(Reading::Draining, || 1).is_err());
}
