//! Loads in the background what the first check would otherwise wait for: the model in the program,
//! and the word lists.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::audit::guard::{Answer, Guard};
use crate::audit::panel::Question;

/// Time limit, far beyond what a busy machine needs.
const WITHIN: Duration = Duration::from_secs(60);

/// Texts with numbers, dates and names, so that the rules read their lists.
const SOURCE: &str = "The lighthouse of Sarn was built in March 1874. It is 31 metres high.";
const CANDIDATE: &str = "The lighthouse of Sarn was built on 3 May 1874. It is not 45 metres high.";

/// Checks a small answer, whose result does not matter, by the judges in the program.
pub(super) async fn warm_up(guard: Guard) {
    let began = Instant::now();
    let texts = Question {
        source: SOURCE.to_owned(),
        candidate: CANDIDATE.to_owned(),
        question: None,
    };
    let (_, nobody) = mpsc::channel(1);
    let answer = Answer::of_nobody(texts, guard.in_program(), None);
    let checked = guard.check(answer, began + WITHIN, nobody).await;
    tracing::debug!(
        took = ?began.elapsed(),
        missing = checked.missing.len(),
        "the judges in the program are loaded"
    );
}
