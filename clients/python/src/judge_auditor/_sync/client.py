# Made of _async/client.py by tools/make_sync.py.
"""The client: who is logged in, what REST answers, sessions that are followed live, and whole audits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from ..errors import AuditorError
from ..evaluation import Evaluation
from ..messages import Gap
from ..models import (
    CheckView,
    ConfigRequest,
    JudgesView,
    Preferences,
    SessionEvent,
    SharedView,
    StatisticsView,
    TagsView,
    UsageView,
)
from ..position import Position
from ..request import Request, without_absent
from ..settings import Limits, server_key, server_url
from .access import Access
from .account import Account
from .collections import Collections
from .evaluations import Evaluations, shared
from .follow import Follow
from .io import HTTPClient, Semaphore
from .rest import Rest


class Client:
    """One server.

    `url` and `key` are those of the environment (`JUDGE_AUDITOR_URL`, `JUDGE_AUDITOR_KEY`) where they are not
    given. Without a key, `account.login` comes first. `sockets=False` takes events as server-sent events only.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        limits: Limits | None = None,
        sockets: bool = True,
        http: HTTPClient | None = None,
    ) -> None:
        self.url = server_url(url)
        self.limits = limits or Limits()
        self._own_http = http is None
        self._http = http or HTTPClient(timeout=self.limits.timeout_s, follow_redirects=False)
        self._rest = Rest(self.url, self._http, self.limits)
        self._access = Access(self._rest, server_key(key))
        self._sockets = sockets
        self._audits = Semaphore(self.limits.max_audits)
        self.account = Account(self._rest, self._access)
        self.evaluations = Evaluations(self._access)
        self.collections = Collections(self._access)
        self.preferences = UserPreferences(self._access)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections; the login stays on the server."""
        if self._own_http:
            self._http.close()

    def judges(self) -> JudgesView:
        return (self._access.send(Request("GET", "/judges"))).read(JudgesView)

    def check(
        self,
        source_text: str | None,
        candidate_output: str,
        *,
        sources: Sequence[Mapping[str, str]] | None = None,
        question: str | None = None,
        judges: Sequence[str] | None = None,
        budget_ms: int | None = None,
        threshold: float | None = None,
        keep: bool = False,
        accept_missing: bool = False,
    ) -> CheckView:
        """Checks an answer before it is shown: what is known of it within `budget_ms` (50 to 60,000, 300 if absent).

        What was not heard by then is in `missing`, and flags the answer; with `accept_missing` judges that ask others
        may be missing. With `keep` it becomes an evaluation, whose run goes on. `sources` are `{"name", "text"}`, and
        `source_text` is then None.
        """
        body = without_absent(
            {
                "source_text": source_text,
                "sources": sources,
                "candidate_output": candidate_output,
                "question": question,
                "judges": None if judges is None else list(judges),
                "budget_ms": budget_ms,
                "threshold": threshold,
                "keep": keep or None,
                "accept_missing": accept_missing or None,
            }
        )
        return (self._access.send(Request("POST", "/check", body=body))).read(CheckView)

    def tags(self) -> TagsView:
        """Those of your evaluations, each with how many have it."""
        return (self._access.send(Request("GET", "/tags"))).read(TagsView)

    def statistics(self, *, days: int | None = None, tag: str | None = None) -> StatisticsView:
        """Sums over the evaluations of the last days (1 to 365, 30 if absent)."""
        request = Request("GET", "/statistics", query={"days": days, "tag": tag})
        return (self._access.send(request)).read(StatisticsView)

    def usage(self, *, days: int | None = None, key: str | None = None) -> UsageView:
        """Tokens and money by day, and what the budgets leave; with `key`, of the runs that this API key started."""
        request = Request("GET", "/usage", query={"days": days, "key": key})
        return (self._access.send(request)).read(UsageView)

    def shared(self, token: str) -> SharedView:
        """What a share link leads to; needs no login."""
        return shared(self._rest, token)

    def follow(
        self,
        session_id: str,
        *,
        run_id: str | None = None,
        epoch: str | None = None,
        last_seq: int = 0,
        timeout_s: float | None = None,
    ) -> Follow:
        """Each event of a session, once and in order, behind `last_seq` of the log `epoch`.

        With `run_id` it ends with that run. After `timeout_s` it raises the error `timeout`.
        """
        return Follow(
            self._rest,
            self._access,
            self.evaluations,
            self.limits,
            session_id,
            run_id=run_id,
            position=Position(epoch, last_seq),
            deadline=None if timeout_s is None else time.monotonic() + timeout_s,
            sockets=self._sockets,
        )

    def audit(
        self,
        source: str,
        candidate: str,
        *,
        question: str | None = None,
        judges: Sequence[str] | None = None,
        config: ConfigRequest | None = None,
        timeout_s: float = 600.0,
        on_event: Callable[[SessionEvent | Gap], object] | None = None,
    ) -> Evaluation:
        """Makes an evaluation, lets it run to its end, and returns it with its result.

        Raises `AuditFailed` where it ends without one. Where the time is over the run is cancelled.
        """
        deadline = time.monotonic() + timeout_s
        chosen: ConfigRequest = {**(config or {})}
        if judges is not None:
            chosen["judges"] = list(judges)
        with self._audits:
            created = self.evaluations.create(source, candidate, question=question, config=chosen or None)
            started = self.evaluations.start(created.id)
            left = max(deadline - time.monotonic(), 0.0)
            try:
                with self.follow(created.id, run_id=started.run_id, timeout_s=left) as events:
                    for event in events:
                        if on_event is not None:
                            on_event(event)
            except AuditorError as error:
                if error.code == "timeout":
                    with contextlib.suppress(AuditorError):
                        self.evaluations.cancel(created.id)
                raise
            return (self.evaluations.get(created.id)).checked()


class UserPreferences:
    """What an evaluation's `config` is where it does not say."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def get(self) -> Preferences:
        return (self._access.send(Request("GET", "/preferences"))).read(Preferences)

    def put(self, preferences: Preferences) -> Preferences:
        """Replaces all of them."""
        return (self._access.send(Request("PUT", "/preferences", body=preferences))).read(Preferences)
