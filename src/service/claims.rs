//! Checks single statements against a source by the verifier alone. Nothing is stored.

use std::sync::Arc;

use crate::audit::material::Material;
use crate::computing::{Task, checkpoint};
use crate::domain::claim::{Claim, ClaimType, Span};
use crate::domain::ids::UserId;
use crate::domain::verdict::Verdict;
use crate::protocol::error::{FieldError, Refusal};
use crate::protocol::rest::{SourceText, joined, source_faults, text_fault};
use crate::store::new_id;

use super::{Service, unfinished};

/// Maximum number of statements of one call.
pub(crate) const MAX_CLAIMS: usize = 100;
/// Maximum length of a statement, in characters.
const MAX_CLAIM_CHARS: usize = 2_000;

/// Separator between two statements, at which a sentence ends.
const BETWEEN: &str = "\n\n";

impl Service {
    /// Returns the verifier's verdicts on statements, in their order.
    ///
    /// # Errors
    /// `validation`, `rate_limited`.
    pub(crate) async fn check_claims(
        &self,
        user: UserId,
        source_text: String,
        sources: Vec<SourceText>,
        claims: Vec<String>,
    ) -> Result<Vec<Verdict>, Refusal> {
        self.limits.checks.check(&user)?;
        let mut faults = source_faults(&source_text, &sources);
        faults.extend(claims_faults(&claims));
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let source = joined(source_text, sources);
        let (encoder, allowed) = (self.encoder.clone(), Arc::clone(&self.allowed_phrases));
        let checking = move || {
            let (candidate, claims) = statements(&claims);
            let material = Material::new(source, candidate, None, encoder, allowed);
            let compared = material.compared(&claims);
            let verdict = |at| {
                checkpoint();
                compared.verdict(at)
            };
            (0..claims.len()).map(verdict).collect()
        };
        let checked = self.cores.compute(&Task::of(user), checking).await;
        checked.map_err(unfinished)
    }
}

fn claims_faults(claims: &[String]) -> Vec<FieldError> {
    if !(1..=MAX_CLAIMS).contains(&claims.len()) {
        let detail = format!("must have 1 to {MAX_CLAIMS} claims, has {}", claims.len());
        return vec![FieldError::new("/claims", detail)];
    }
    let fault = |(at, claim): (usize, &String)| {
        let pointer = format!("/claims/{at}");
        if claim.trim().is_empty() {
            return Some(FieldError::new(pointer, "must not be blank"));
        }
        text_fault(&pointer, claim, 1, MAX_CLAIM_CHARS)
    };
    claims.iter().enumerate().filter_map(fault).collect()
}

/// Makes each statement one claim, whatever it contains, and returns the concatenated text with the
/// claims.
fn statements(texts: &[String]) -> (String, Vec<Claim>) {
    let (mut candidate, mut unit) = (String::new(), 0);
    let mut claims = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            candidate.push_str(BETWEEN);
            unit += BETWEEN.len();
        }
        candidate.push_str(text);
        let end = unit + text.encode_utf16().count();
        claims.push(Claim {
            id: new_id(),
            index,
            text: text.clone(),
            kind: ClaimType::Factual,
            span: Span { start: unit, end },
        });
        unit = end;
    }
    (candidate, claims)
}

#[cfg(test)]
#[path = "tests/claims.rs"]
mod tests;
