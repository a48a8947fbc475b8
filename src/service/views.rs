//! Conversions from stored rows to the bodies of REST.

use std::collections::HashMap;

use crate::domain::citation::Citation;
use crate::domain::ids::ClaimId;
use crate::domain::report::views;
use crate::domain::result::AuditResult;
use crate::domain::verdict::{Decision, JudgeOpinion, Verdict};
use crate::protocol::rest::{
    AnnotationsView, ClaimTotals, ClaimView, EvaluationView, ListView, LoginView, SortKey,
    SummaryView, UserView,
};
use crate::store::annotations::Annotations;
use crate::store::evaluations::{ClaimsByLabel, Detail, Page, Sort, StoredClaim, Summary};
use crate::store::logins::Login;
use crate::store::users::User;

pub(super) fn evaluation_view(detail: Detail) -> EvaluationView {
    let mut views = views(&detail.judges);
    let mut citations = cited(detail.result.as_ref());
    let claims = detail
        .claims
        .into_iter()
        .map(|stored| {
            let views = views.remove(&stored.claim.id);
            let citations = citations.remove(&stored.claim.id);
            ClaimView {
                citations: citations.unwrap_or_default(),
                ..claim_view(stored, views.unwrap_or_default())
            }
        })
        .collect();
    EvaluationView {
        id: detail.id,
        status: detail.status,
        source_text: detail.source_text,
        sources: detail.sources,
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
        name: detail.annotations.name,
        tags: detail.annotations.tags,
        notes: detail.annotations.notes,
    }
}

/// Returns the citations of each claim.
fn cited(result: Option<&AuditResult>) -> HashMap<ClaimId, Vec<Citation>> {
    let found = result.and_then(|result| result.citations.as_ref());
    let mut cited: HashMap<ClaimId, Vec<Citation>> = HashMap::new();
    for item in found.into_iter().flat_map(|found| &found.items) {
        if let Some(claim) = item.claim_id {
            cited.entry(claim).or_default().push(Citation {
                span: item.span,
                source: item.source.clone(),
            });
        }
    }
    cited
}

/// Combines a claim with its label, which is the panel's if there is one and else the verifier's,
/// and with the opinion of each judge.
fn claim_view(stored: StoredClaim, views: Vec<JudgeOpinion>) -> ClaimView {
    let (claim, verdict) = (stored.claim, stored.verdict);
    let decision = stored.decision.or_else(|| {
        let of = |verdict: &Verdict| Decision {
            claim_id: claim.id,
            label: verdict.label,
            confidence: verdict.confidence,
            probability: verdict.probability,
        };
        verdict.as_ref().map(of)
    });
    ClaimView {
        label: decision.map(|decision| decision.label),
        confidence: decision.map(|decision| decision.confidence),
        probability: decision.map(|decision| decision.probability),
        verifier_label: verdict.as_ref().map(|verdict| verdict.label),
        views,
        reasoning: verdict.as_ref().map(|verdict| verdict.reasoning.clone()),
        evidence: verdict.map(|verdict| verdict.evidence).unwrap_or_default(),
        citations: Vec::new(),
        claim,
    }
}

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
        probability: summary.probability,
        claims: summary.claims.map(claim_totals),
        cost_usd: summary.cost_usd,
        name: summary.name,
        tags: summary.tags,
    }
}

pub(super) fn claim_totals(claims: ClaimsByLabel) -> ClaimTotals {
    ClaimTotals {
        supported: claims.supported,
        refuted: claims.refuted,
        not_enough_info: claims.not_enough_info,
    }
}

pub(super) fn annotations_view(annotations: Annotations) -> AnnotationsView {
    AnnotationsView {
        name: annotations.name,
        tags: annotations.tags,
        notes: annotations.notes,
    }
}

pub(crate) fn user_view(user: User) -> UserView {
    UserView {
        id: user.id,
        username: user.username,
        email: user.email,
        created_at: user.created_at,
    }
}

/// A login without its tokens.
pub(super) fn login_view(login: Login) -> LoginView {
    LoginView {
        id: login.id,
        created_at: login.created_at,
        renewed_at: login.renewed_at,
        expires_at: login.expires_at,
    }
}

/// Maps a sort key of the protocol to that of the store.
pub(super) const fn sort(key: SortKey) -> Sort {
    match key {
        SortKey::CreatedAt => Sort::CreatedAt,
        SortKey::ConsensusScore => Sort::ConsensusScore,
        SortKey::HallucinationScore => Sort::HallucinationScore,
        SortKey::Probability => Sort::Probability,
    }
}

#[cfg(test)]
#[path = "tests/views.rs"]
mod tests;
