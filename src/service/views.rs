//! From rows to what REST shows.

use crate::protocol::rest::{ClaimView, EvaluationView, ListView, SortKey, SummaryView, UserView};
use crate::store::evaluations::{Detail, Page, Sort, Summary};
use crate::store::users::User;

/// The whole evaluation.
pub(super) fn evaluation_view(detail: Detail) -> EvaluationView {
    let claims = detail
        .claims
        .into_iter()
        .map(|(claim, verdict)| {
            let (label, confidence) = verdict
                .as_ref()
                .map(|verdict| (verdict.label, verdict.confidence))
                .unzip();
            let (evidence, reasoning) = verdict
                .map(|verdict| (verdict.evidence, verdict.reasoning))
                .unzip();
            ClaimView {
                claim,
                label,
                confidence,
                evidence: evidence.unwrap_or_default(),
                reasoning,
            }
        })
        .collect();
    EvaluationView {
        id: detail.id,
        status: detail.status,
        source_text: detail.source_text,
        candidate_output: detail.candidate_output,
        question: detail.question,
        config: detail.config,
        created_at: detail.created_at,
        started_at: detail.started_at,
        completed_at: detail.completed_at,
        run_id: detail.run_id,
        epoch: detail.epoch,
        last_seq: detail.last_seq,
        result: detail.result,
        claims,
        judges: detail.judges,
        error: detail.error,
    }
}

/// A page of a list.
pub(super) fn list_view(page: Page, next_cursor: Option<String>) -> ListView {
    ListView {
        items: page.items.into_iter().map(summary_view).collect(),
        next_cursor,
    }
}

fn summary_view(summary: Summary) -> SummaryView {
    SummaryView {
        id: summary.id,
        status: summary.status,
        source_preview: summary.source_preview,
        candidate_preview: summary.candidate_preview,
        question: summary.question,
        config: summary.config,
        created_at: summary.created_at,
        started_at: summary.started_at,
        completed_at: summary.completed_at,
        run_id: summary.run_id,
        epoch: summary.epoch,
        last_seq: summary.last_seq,
        consensus_score: summary.consensus_score,
        hallucination_score: summary.hallucination_score,
    }
}

/// An account.
pub fn user_view(user: User) -> UserView {
    UserView {
        id: user.id,
        username: user.username,
        email: user.email,
        created_at: user.created_at,
    }
}

/// The store's name for a sort key.
pub(super) const fn sort(key: SortKey) -> Sort {
    match key {
        SortKey::CreatedAt => Sort::CreatedAt,
        SortKey::ConsensusScore => Sort::ConsensusScore,
        SortKey::HallucinationScore => Sort::HallucinationScore,
    }
}
