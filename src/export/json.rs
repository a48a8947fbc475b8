//! JSON: what REST shows.

use crate::protocol::rest::EvaluationView;

use super::Unmade;

pub(super) fn render(evaluation: &EvaluationView) -> Result<Vec<u8>, Unmade> {
    serde_json::to_vec(evaluation).map_err(Unmade::because)
}
