//! The row types of claims, verdicts, judges' reports and issues, and their conversions.

use diesel::prelude::*;

use super::columns::{read_counter, read_id, read_json, read_name, read_span};
use super::schema::{claim_verdicts, claims, flagged_issues, judge_results};
use crate::domain::claim::Claim;
use crate::domain::issue::Issue;
use crate::domain::report::{JudgeReport, Usage};
use crate::domain::verdict::{Decision, Probabilities, Verdict};
use crate::store::pool::error::StoreError;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
pub(crate) struct ClaimRow {
    pub(crate) id: String,
    pub(crate) run_id: String,
    pub(crate) position: i64,
    pub(crate) claim_type: String,
    pub(crate) text: String,
    pub(crate) span_start: i64,
    pub(crate) span_end: i64,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = claim_verdicts, treat_none_as_default_value = false)]
pub(crate) struct VerdictRow {
    pub(crate) claim_id: String,
    pub(crate) run_id: String,
    pub(crate) ordinal: i64,
    pub(crate) label: String,
    pub(crate) confidence: f64,
    pub(crate) evidence: String,
    pub(crate) reasoning: String,
    /// `NULL` in rows of the first release.
    pub(crate) probability: Option<String>,
    pub(crate) final_label: Option<String>,
    pub(crate) final_confidence: Option<f64>,
    pub(crate) final_probability: Option<String>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = judge_results, treat_none_as_default_value = false)]
pub(crate) struct ReportRow {
    pub(crate) run_id: String,
    pub(crate) judge_name: String,
    pub(crate) ordinal: i64,
    pub(crate) kind: String,
    pub(crate) model: String,
    pub(crate) status: String,
    pub(crate) score: Option<f64>,
    pub(crate) confidence: Option<f64>,
    pub(crate) reasoning: String,
    pub(crate) claim_labels: String,
    pub(crate) response_time_ms: i64,
    pub(crate) attempts: i64,
    pub(crate) prompt_tokens: Option<i64>,
    pub(crate) completion_tokens: Option<i64>,
    pub(crate) cost_usd: Option<f64>,
    pub(crate) error: Option<String>,
    pub(crate) failure: Option<String>,
    pub(crate) details: Option<String>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = flagged_issues, treat_none_as_default_value = false)]
pub(crate) struct IssueRow {
    pub(crate) run_id: String,
    pub(crate) judge_name: String,
    pub(crate) position: i64,
    pub(crate) issue_type: String,
    pub(crate) severity: String,
    pub(crate) description: String,
    pub(crate) span_start: Option<i64>,
    pub(crate) span_end: Option<i64>,
    pub(crate) unmatched_quote: Option<String>,
}

impl TryFrom<ClaimRow> for Claim {
    type Error = StoreError;

    fn try_from(row: ClaimRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: read_id(&row.id)?,
            index: read_counter(row.position)?,
            text: row.text,
            kind: read_name(&row.claim_type)?,
            span: read_span(row.span_start, row.span_end)?,
        })
    }
}

impl VerdictRow {
    /// Returns the panel's decision on the claim; `None` before the end of the run, and in rows of
    /// the first release.
    pub(crate) fn decision(&self) -> Result<Option<Decision>, StoreError> {
        let (Some(label), Some(confidence), Some(probability)) = (
            self.final_label.as_deref(),
            self.final_confidence,
            self.final_probability.as_deref(),
        ) else {
            return Ok(None);
        };
        Ok(Some(Decision {
            claim_id: read_id(&self.claim_id)?,
            label: read_name(label)?,
            confidence,
            probability: read_json(probability)?,
        }))
    }

    pub(crate) fn of(self, claim: Claim) -> Result<Verdict, StoreError> {
        let label = read_name(&self.label)?;
        let probability = self.probability.as_deref().map(read_json).transpose()?;
        Ok(Verdict {
            claim,
            label,
            confidence: self.confidence,
            probability: probability
                .unwrap_or_else(|| Probabilities::from_label(label, self.confidence)),
            evidence: read_json(&self.evidence)?,
            reasoning: self.reasoning,
        })
    }
}

impl TryFrom<IssueRow> for Issue {
    type Error = StoreError;

    fn try_from(row: IssueRow) -> Result<Self, StoreError> {
        let span = row
            .span_start
            .zip(row.span_end)
            .map(|(start, end)| read_span(start, end))
            .transpose()?;
        Ok(Self {
            kind: read_name(&row.issue_type)?,
            severity: read_name(&row.severity)?,
            description: row.description,
            span,
            unmatched_quote: row.unmatched_quote,
        })
    }
}

impl ReportRow {
    pub(crate) fn with(self, issues: Vec<IssueRow>) -> Result<JudgeReport, StoreError> {
        let usage = match self.prompt_tokens.zip(self.completion_tokens) {
            None => None,
            Some((prompt, completion)) => Some(Usage {
                prompt_tokens: read_counter(prompt)?,
                completion_tokens: read_counter(completion)?,
                cost_usd: self.cost_usd,
            }),
        };
        Ok(JudgeReport {
            judge_name: self.judge_name,
            kind: self.kind,
            model: self.model,
            status: read_name(&self.status)?,
            score: self.score,
            confidence: self.confidence,
            reasoning: self.reasoning,
            flagged_issues: issues
                .into_iter()
                .map(Issue::try_from)
                .collect::<Result<_, _>>()?,
            claim_verdicts: read_json(&self.claim_labels)?,
            response_time_ms: read_counter(self.response_time_ms)?,
            attempts: read_counter(self.attempts)?,
            usage,
            error: self.error,
            failure: self.failure.as_deref().map(read_name).transpose()?,
            details: self.details.as_deref().map(read_json).transpose()?,
        })
    }
}
