//! Writes an evaluation as JSON, in the same form as the REST API.

use std::io::Write;

use crate::protocol::rest::EvaluationView;

use super::unmade::Unmade;

pub(super) fn render(evaluation: &EvaluationView, file: &mut dyn Write) -> Result<(), Unmade> {
    serde_json::to_writer(file, evaluation).map_err(Unmade::because)
}
