//! Offline judges, which need no network. Each uses other evidence than the rest.
//!
//! `neural` runs the model in the binary, `facts` compares numbers, dates and names, `logic`
//! compares polarity, antonyms, roles, quantifiers and certainty, and `lexical` measures how much
//! of the wording the source has; `novelty` is an alias of it. No judge knows another's result.
//! `app` builds them; actors see only the trait. Deliberately not here: the comparison of a claim
//! with the source (`evidence`), the definition of a verdict (`evidence::decide`). A judge is a
//! pure function of its case; only [`build`] runs it on a thread.

use std::sync::Arc;

use super::{Answer, Assessing, Case, Judge, JudgeError, Outcome, Profile};
use crate::computing::{Cores, Task};

mod compared;
pub(crate) mod facts;
pub(crate) mod lexical;
pub(crate) mod logic;
pub(crate) mod neural;

/// The kinds that [`build`] accepts.
pub(crate) const KINDS: [&str; 5] = [NEURAL, "facts", "logic", "lexical", "novelty"];
/// The kind that exists only if the model in the binary is enabled.
pub(crate) const NEURAL: &str = "neural";

/// Builds a judge of one of [`KINDS`]; returns `None` for another kind. `cores` limits the
/// computations of the whole process, so that many concurrent runs do not take every thread.
pub(crate) fn build(kind: &str, name: &str, weight: f64, cores: Cores) -> Option<Arc<dyn Judge>> {
    let judge = match kind {
        NEURAL => neural::judge,
        "facts" => facts::judge,
        "logic" => logic::judge,
        "lexical" | "novelty" => lexical::judge,
        _ => return None,
    };
    let profile = Profile {
        name: name.to_owned(),
        kind: kind.to_owned(),
        model: format!("{kind}/1"),
        offline: true,
        weight,
    };
    Some(Arc::new(OfflineJudge {
        profile,
        judge,
        cores,
    }))
}

/// Returns the answers of `neural`, `facts`, `logic` and `lexical`, in this order.
pub fn answers(case: &Case) -> [Answer; 4] {
    [neural::judge, facts::judge, logic::judge, lexical::judge].map(|judge| judge(case))
}

struct OfflineJudge {
    profile: Profile,
    judge: fn(&Case) -> Answer,
    cores: Cores,
}

impl Judge for OfflineJudge {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn assess(&self, case: Arc<Case>) -> Assessing {
        let (judge, cores) = (self.judge, self.cores.clone());
        Box::pin(async move {
            let task = Task::of(case.user);
            let judged = cores.compute(&task, move || judge(&case)).await;
            let result = judged.map_err(|why| JudgeError::Internal(why.to_string()));
            Outcome::of(1, result)
        })
    }
}

#[cfg(test)]
mod tests;
