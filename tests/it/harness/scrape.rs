//! `/metrics`, read strictly.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::server::Server;
use super::{DEADLINE, GLANCE};

/// One family: its type, and its description.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) help: String,
    pub(crate) labels: BTreeSet<String>,
}

/// One answer of `/metrics`, read strictly.
#[derive(Debug)]
pub(crate) struct Scrape {
    pub(crate) text: String,
    pub(crate) families: BTreeMap<String, Family>,
    series: BTreeMap<String, f64>,
}

impl Scrape {
    pub(crate) async fn of(server: &Server) -> Self {
        let client = judge_auditor::internals::local_client_builder().unwrap();
        let client = client.build().unwrap();
        let answer = client.get(address(server).await).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let format = answer.headers()["content-type"].to_str().unwrap();
        assert!(format.starts_with("text/plain; version=0.0.4"), "{format}");
        Self::read(answer.text().await.unwrap())
    }

    fn read(text: String) -> Self {
        assert!(text.ends_with('\n'));
        let (mut families, mut series) = (BTreeMap::new(), BTreeMap::new());
        let mut current = String::new();
        let mut described = None;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a description");
                described = Some((name.to_owned(), help.to_owned()));
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                let (of, help) = described.take().expect("a HELP before each TYPE");
                assert_eq!(of, name);
                current = of.clone();
                let family = Family {
                    kind: kind.to_owned(),
                    help,
                    labels: BTreeSet::new(),
                };
                assert!(families.insert(of, family).is_none(), "{name} comes twice");
            } else {
                let (key, value) = line.rsplit_once(' ').expect("a value");
                let (name, labels) = key.split_once('{').unwrap_or((key, ""));
                let family = families.get_mut(&current).expect("a TYPE before a value");
                let base = match family.kind.as_str() {
                    "histogram" => ["_bucket", "_sum", "_count"]
                        .iter()
                        .find_map(|end| name.strip_suffix(end))
                        .expect("a part of a histogram"),
                    _ => name,
                };
                assert_eq!(base, current, "{line}");
                let labels = labels.trim_end_matches('}').split("\",");
                let names = labels.filter_map(|label| Some(label.split_once("=\"")?.0));
                let names = names.filter(|label| *label != "le").map(str::to_owned);
                family.labels.extend(names);
                let value: f64 = value.parse().expect("a number");
                assert!(
                    series.insert(key.to_owned(), value).is_none(),
                    "{key} comes twice"
                );
            }
        }
        Self {
            text,
            families,
            series,
        }
    }

    pub(crate) fn value(&self, series: &str) -> f64 {
        *self
            .series
            .get(series)
            .unwrap_or_else(|| panic!("no {series}\n{}", self.text))
    }

    #[track_caller]
    pub(crate) fn says(&self, expected: &[(&str, f64)]) {
        for (series, value) in expected {
            assert_eq!(self.value(series), *value, "{series}\n{}", self.text);
        }
    }

    /// The sum over all series that begin so.
    pub(crate) fn sum(&self, beginning: &str) -> f64 {
        let all = self.series.iter();
        all.filter(|(series, _)| series.starts_with(beginning))
            .map(|(_, value)| value)
            .sum()
    }
}

/// Where the newest process serves its figures, as its log says.
async fn address(server: &Server) -> String {
    let begin = Instant::now();
    loop {
        let printed = server.printed();
        let said = printed.rsplit_once("figures for Prometheus are at ");
        if let Some(address) = said.and_then(|(_, rest)| rest.split_whitespace().next()) {
            return address.to_owned();
        }
        assert!(begin.elapsed() < DEADLINE, "no address\n{printed}");
        tokio::time::sleep(GLANCE).await;
    }
}

/// Looks until the series has the value: what a client causes is counted a little later.
pub(crate) async fn until(server: &Server, series: &str, value: f64) -> Scrape {
    let begin = Instant::now();
    loop {
        let scrape = Scrape::of(server).await;
        if scrape.value(series) == value {
            return scrape;
        }
        assert!(
            begin.elapsed() < DEADLINE,
            "{series} is not {value}\n{}",
            scrape.text
        );
        tokio::time::sleep(GLANCE).await;
    }
}
