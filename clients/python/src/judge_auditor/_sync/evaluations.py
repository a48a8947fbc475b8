# Made of _async/evaluations.py by tools/make_sync.py.
"""Evaluations and what belongs to them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from ..evaluation import Evaluation
from ..models import (
    AnnotationsView,
    Cancelling,
    ConfigRequest,
    EstimateView,
    EventsPage,
    FeedbackListView,
    FeedbackView,
    Label,
    ListView,
    NewShareView,
    RunsView,
    SharedView,
    SharesView,
    Started,
    Status,
    SummaryView,
)
from ..request import KEPT, Kept, Request, without_absent, without_kept
from .access import Access
from .rest import Rest

ExportFormat = Literal["json", "csv", "html", "pdf"]


class Evaluations:
    def __init__(self, access: Access) -> None:
        self._access = access
        self.shares = Shares(access)
        self.feedback = Feedback(access)

    def create(
        self,
        source_text: str | None,
        candidate_output: str,
        *,
        sources: Sequence[Mapping[str, str]] | None = None,
        question: str | None = None,
        config: ConfigRequest | None = None,
        start: bool = False,
        idempotency_key: str | None = None,
    ) -> Evaluation:
        """Makes one, of one source or of several: `sources` are `{"name", "text"}`, and `source_text` is then None.

        Within a day a repeat with the same `idempotency_key` answers the same evaluation.
        """
        body = without_absent(
            {
                "source_text": source_text,
                "sources": sources,
                "candidate_output": candidate_output,
                "question": question,
                "config": config,
                "start": start or None,
            }
        )
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        request = Request("POST", "/evaluations", body=body, headers=headers, repeatable=True)
        return (self._access.send(request)).read(Evaluation)

    def list(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        status: Status | None = None,
        q: str | None = None,
        tag: str | None = None,
        min_score: float | None = None,
        max_score: float | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        sort: Literal["created_at", "consensus_score", "hallucination_score", "probability"] | None = None,
        order: Literal["asc", "desc"] | None = None,
    ) -> ListView:
        """A page; `q` is text of source, candidate, question, name, notes or a tag.

        `cursor` is the `next_cursor` of the page before.
        """
        query = {
            "limit": limit,
            "cursor": cursor,
            "status": status,
            "q": q,
            "tag": tag,
            "min_score": min_score,
            "max_score": max_score,
            "created_after": created_after.isoformat() if created_after else None,
            "created_before": created_before.isoformat() if created_before else None,
            "sort": sort,
            "order": order,
        }
        return (self._access.send(Request("GET", "/evaluations", query=query))).read(ListView)

    def all(self, *, status: Status | None = None, q: str | None = None) -> Iterator[SummaryView]:
        """Every evaluation, the newest first, page by page as they are asked for."""
        cursor: str | None = None
        while True:
            page = self.list(limit=100, cursor=cursor, status=status, q=q)
            for item in page.items:
                yield item
            if not page.next_cursor or page.next_cursor == cursor:
                return
            cursor = page.next_cursor

    def get(self, id: str) -> Evaluation:
        return (self._access.send(Request("GET", "/evaluations/{id}", {"id": id}))).read(Evaluation)

    def annotate(
        self,
        id: str,
        *,
        name: str | Kept | None = KEPT,
        tags: Iterable[str] | Kept = KEPT,
        notes: str | Kept | None = KEPT,
    ) -> AnnotationsView:
        """Changes name, tags and notes. What is left out stays; None takes a name or notes away."""
        body = without_kept({"name": name, "tags": tags if isinstance(tags, Kept) else list(tags), "notes": notes})
        request = Request("PATCH", "/evaluations/{id}", {"id": id}, body=body, repeatable=True)
        return (self._access.send(request)).read(AnnotationsView)

    def runs(self, id: str, *, limit: int | None = None, cursor: str | None = None) -> RunsView:
        """A page, the newest first."""
        query = {"limit": limit, "cursor": cursor}
        request = Request("GET", "/evaluations/{id}/runs", {"id": id}, query=query)
        return (self._access.send(request)).read(RunsView)

    def delete(self, id: str) -> None:
        """Cancels a live run first."""
        self._access.send(Request("DELETE", "/evaluations/{id}", {"id": id}))

    def start(self, id: str, *, client_request_id: str | None = None) -> Started:
        """A repeat with the same `client_request_id` is the same run."""
        body = {"client_request_id": client_request_id or uuid.uuid4().hex}
        request = Request("POST", "/evaluations/{id}/start", {"id": id}, body=body, repeatable=True)
        return (self._access.send(request)).read(Started)

    def cancel(self, id: str) -> Cancelling:
        return (self._access.send(Request("POST", "/evaluations/{id}/cancel", {"id": id}))).read(Cancelling)

    def events(self, id: str, *, after_seq: int | None = None, limit: int | None = None) -> EventsPage:
        """A stretch of the log: up to `limit` (1 to 500) events behind `after_seq`."""
        query = {"after_seq": after_seq, "limit": limit}
        request = Request("GET", "/evaluations/{id}/events", {"id": id}, query=query)
        return (self._access.send(request)).read(EventsPage)

    def estimate(self, id: str) -> EstimateView:
        """What a run will take at most."""
        request = Request("POST", "/evaluations/{id}/estimate", {"id": id}, repeatable=True)
        return (self._access.send(request)).read(EstimateView)

    def export(self, id: str, format: ExportFormat) -> tuple[str, bytes]:
        """The result as a file: the name that the server proposes, and the content."""
        request = Request(
            "GET", "/evaluations/{id}/export", {"id": id}, query={"format": format}, headers={"Accept": "*/*"}
        )
        answer = self._access.send(request)
        named = re.search(r'filename="?([^";/\\]+)"?', answer.headers.get("content-disposition", ""))
        return named[1] if named else f"audit-{id[:8]}.{format}", answer.content


class Shares:
    """Links by which others read an evaluation without a login."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def create(
        self, id: str, *, expires_in_s: int | None = None, show_documents: bool | None = None
    ) -> NewShareView:
        """Its `url` is told only here. It lasts a week unless `expires_in_s` says otherwise."""
        body = without_absent({"expires_in_s": expires_in_s, "show_documents": show_documents})
        request = Request("POST", "/evaluations/{id}/shares", {"id": id}, body=body)
        return (self._access.send(request)).read(NewShareView)

    def list(self, id: str) -> SharesView:
        return (self._access.send(Request("GET", "/evaluations/{id}/shares", {"id": id}))).read(SharesView)

    def revoke(self, id: str, share_id: str) -> None:
        parts = {"id": id, "share_id": share_id}
        self._access.send(Request("DELETE", "/evaluations/{id}/shares/{share_id}", parts))


class Feedback:
    """What people say of a result."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def create(
        self,
        id: str,
        *,
        claim_id: str | None = None,
        label: Label | None = None,
        score: float | None = None,
        comment: str | None = None,
    ) -> FeedbackView:
        """Exactly one of `label` and `score`; without a `claim_id` it is of the whole."""
        body = without_absent({"claim_id": claim_id, "label": label, "score": score, "comment": comment})
        request = Request("POST", "/evaluations/{id}/feedback", {"id": id}, body=body)
        return (self._access.send(request)).read(FeedbackView)

    def list(self, id: str, *, limit: int | None = None, cursor: str | None = None) -> FeedbackListView:
        """A page, the oldest first."""
        query = {"limit": limit, "cursor": cursor}
        request = Request("GET", "/evaluations/{id}/feedback", {"id": id}, query=query)
        return (self._access.send(request)).read(FeedbackListView)

    def withdraw(self, id: str, feedback_id: str) -> None:
        parts = {"id": id, "feedback_id": feedback_id}
        self._access.send(Request("DELETE", "/evaluations/{id}/feedback/{feedback_id}", parts))


def shared(rest: Rest, token: str) -> SharedView:
    return (rest.send(Request("GET", "/shared/{token}", {"token": token}))).read(SharedView)
