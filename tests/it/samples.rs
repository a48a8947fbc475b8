//! Texts of our own that the suites audit.

use serde_json::{Value, json};

/// What is known about a library that does not exist.
pub(crate) const SOURCE: &str = "The Harbour Library in Vessen was opened on 14 May 1987. \
    It was designed by the architect Mira Oland and cost 12.4 million crowns. \
    The building has five floors and holds about 310,000 books. \
    The reading room is closed on Mondays. \
    A fire in March 2003 damaged the north wing, which was rebuilt within two years. \
    The library does not lend newspapers.";

/// An output that is partly right: the second and the fourth statement contradict the source.
pub(crate) const CANDIDATE: &str = "The Harbour Library in Vessen was opened on 14 May 1987. \
    The building has seven floors. \
    It was designed by the architect Mira Oland. \
    The reading room is open on Mondays. \
    A fire in March 2003 damaged the north wing.";

/// The names of the judges that every server has.
pub(crate) const OFFLINE_JUDGES: [&str; 4] = ["neural", "facts", "logic", "lexical"];

/// A request for an evaluation with nothing but the texts.
pub(crate) fn evaluation() -> Value {
    json!({ "source_text": SOURCE, "candidate_output": CANDIDATE })
}

/// The same with judges chosen by name.
pub(crate) fn evaluation_by(judges: &[&str]) -> Value {
    let mut body = evaluation();
    body["config"] = json!({ "judges": judges });
    body
}

/// One whose log is long: an event a claim, of about a kilobyte each, and little to compute.
pub(crate) fn long_evaluation(claims: usize) -> Value {
    let claim = |n| format!("Tower {n} has {} floors. ", n % 90 + 2);
    let candidate: String = (0..claims).map(claim).collect();
    json!({
        "source_text": SOURCE,
        "candidate_output": candidate,
        "config": { "judges": ["lexical"] },
    })
}

/// The part of a text that a browser's `slice(start, end)` would give.
pub(crate) fn slice(text: &str, span: &Value) -> String {
    let unit = |end: &str| usize::try_from(span[end].as_u64().unwrap()).unwrap();
    let units: Vec<u16> = text.encode_utf16().collect();
    String::from_utf16(&units[unit("start")..unit("end")]).unwrap()
}
