//! A line of a page, split into parts at wide gaps.

/// Text of a line without wide gaps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) text: String,
    /// True if right-to-left letters were drawn from left to right.
    pub(super) is_visual: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) direction: (f64, f64),
    pub(super) base: f64,
    pub(super) size: f64,
    pub(super) parts: Vec<Part>,
}
