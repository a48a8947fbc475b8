//! Creates metrics and registers them.

use prometheus::core::Collector;
use prometheus::{
    Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry,
};

/// The error of a metric that could not be made; it is always a fault of this program.
pub(crate) type Error = prometheus::Error;

/// Counters with one label whose values are fixed in advance.
pub struct Kinds(Vec<(&'static str, IntCounter)>);

impl Kinds {
    pub fn count(&self, kind: &str) {
        match self.of(kind) {
            Some(counter) => counter.inc(),
            None => debug_assert!(false, "{kind} is not listed"),
        }
    }

    /// Returns the counter for one value of the label, or `None` for a value that is not listed.
    pub fn of(&self, kind: &str) -> Option<&IntCounter> {
        let mut all = self.0.iter();
        all.find(|(known, _)| *known == kind)
            .map(|(_, counter)| counter)
    }
}

/// Creates metrics and registers them in a registry.
pub(super) struct Put<'r>(pub(super) &'r Registry);

impl Put<'_> {
    fn one<M: Collector + Clone + 'static>(&self, metric: M) -> Result<M, Error> {
        self.0.register(Box::new(metric.clone()))?;
        Ok(metric)
    }

    pub(super) fn build_info(&self) -> Result<(), Error> {
        let opts = Opts::new("auditor_build_info", "Always 1; the labels say what runs.")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        self.one(IntGauge::with_opts(opts)?)?.set(1);
        Ok(())
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> Result<IntCounter, Error> {
        self.one(IntCounter::new(name, help)?)
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> Result<Gauge, Error> {
        self.one(Gauge::new(name, help)?)
    }

    pub(super) fn histogram(
        &self,
        name: &str,
        help: &str,
        bounds: &[f64],
    ) -> Result<Histogram, Error> {
        let opts = HistogramOpts::new(name, help).buckets(bounds.to_vec());
        self.one(Histogram::with_opts(opts)?)
    }

    pub(super) fn counters(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> Result<IntCounterVec, Error> {
        self.one(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        bounds: &[f64],
    ) -> Result<HistogramVec, Error> {
        let opts = HistogramOpts::new(name, help).buckets(bounds.to_vec());
        self.one(HistogramVec::new(opts, labels)?)
    }

    pub(super) fn kinds(
        &self,
        name: &str,
        help: &str,
        label: &str,
        values: &[&'static str],
    ) -> Result<Kinds, Error> {
        let counters = self.counters(name, help, &[label])?;
        let one = |value: &&'static str| (*value, counters.with_label_values(&[value]));
        Ok(Kinds(values.iter().map(one).collect()))
    }
}
