//! Annotations of evaluations, and lists of tags and runs.

use crate::domain::ids::{SessionId, UserId};
use crate::protocol::error::Refusal;
use crate::protocol::rest::{
    Annotate, AnnotationsView, RunView, RunsQuery, RunsView, TagView, TagsView,
};
use crate::store;
use crate::store::annotations::{Annotated, AnnotationChanges};
use crate::store::pages::{self, rows_to_read};
use crate::store::runs::RunSummary;

use super::evaluations::no_room;
use super::views::{annotations_view, claim_totals};
use super::{Service, refusal};

impl Service {
    /// Changes name, tags and notes of an evaluation.
    ///
    /// # Errors
    /// `validation`, `not_found`, `limit_exceeded`, `rate_limited`.
    pub(crate) async fn annotate(
        &self,
        user: UserId,
        session: SessionId,
        body: Annotate,
    ) -> Result<AnnotationsView, Refusal> {
        self.limits.writes.check(&user).await?;
        let faults = body.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        let changes = AnnotationChanges {
            name: body.name,
            tags: body.tags.map(|tags| tags.into_iter().collect()),
            notes: body.notes,
        };
        let quota = self.quota();
        let annotated = self
            .store
            .write(move |db| store::annotations::change(db, user, session, changes.clone(), quota))
            .await
            .map_err(refusal)?;
        match annotated {
            Annotated::Done(annotations) => Ok(annotations_view(annotations)),
            Annotated::NotFound => Err(Refusal::not_found()),
            Annotated::Full(full) => Err(no_room(full)),
        }
    }

    /// Returns the user's tags.
    ///
    /// # Errors
    /// `unavailable`.
    pub(crate) async fn tags(&self, user: UserId) -> Result<TagsView, Refusal> {
        let tags = self
            .store
            .read(move |db| store::annotations::tags(db, user))
            .await
            .map_err(refusal)?;
        let view = |(tag, evaluations)| TagView { tag, evaluations };
        Ok(TagsView {
            items: tags.into_iter().map(view).collect(),
        })
    }

    /// Returns a page of an evaluation's runs.
    ///
    /// # Errors
    /// `validation`, `not_found`.
    pub(crate) async fn runs(
        &self,
        user: UserId,
        session: SessionId,
        query: RunsQuery,
    ) -> Result<RunsView, Refusal> {
        let faults = query.faults();
        if !faults.is_empty() {
            return Err(Refusal::invalid(faults));
        }
        self.position(user, session).await?;
        let RunsQuery { limit, cursor } = query;
        let page = self
            .store
            .read(move |db| store::runs::list(db, session, cursor, rows_to_read(limit)))
            .await
            .map_err(refusal)?;
        let (page, next_cursor) = pages::page(page, limit, |last| last.id);
        Ok(RunsView {
            items: page.into_iter().map(run_view).collect(),
            next_cursor,
        })
    }
}

fn run_view(run: RunSummary) -> RunView {
    let result = run.result.as_ref();
    let faithfulness = result.and_then(|result| result.faithfulness.as_ref());
    RunView {
        id: run.id,
        status: run.status,
        started_at: run.started_at,
        completed_at: run.completed_at,
        probability: faithfulness.map(|whole| whole.probability),
        consensus_score: result.and_then(|result| result.consensus_score),
        hallucination_score: result.and_then(|result| result.hallucination_score),
        claims: run.claims().map(claim_totals),
        error: run.error.map(|error| error.message),
    }
}
