"""The events of a session, each once and in order, over as many connections as it takes."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType

from ..backoff import Backoff
from ..close_codes import BAD_TOKEN, LOGIN_ENDED, TOKEN_EXPIRED, may_come_back, meaning
from ..errors import AuditorError
from ..evaluation import Evaluation
from ..messages import Gap, is_terminal
from ..models import SessionEvent, SessionJoined
from ..position import Position
from ..settings import Limits
from ..socket_settings import Lost
from .access import Access
from .evaluations import AsyncEvaluations
from .io import sleep
from .rest import Rest
from .source import SessionClosed, SocketSource, StreamSource

#: So many sockets in a row that came to nothing before an event stream is tried.
_TRIES = 3
#: A connection that lived so long was a good one.
_STABLE_S = 10.0
#: So often the same place of the log is asked for in vain before it counts as unreadable.
_PATIENCE = 8
_PAGE = 500


class AsyncFollow:
    """An iterator over the events of a session.

    Without `run_id` it goes on until the evaluation is deleted or `aclose` is called; with it, until that run is
    over. An item of the type `gap` says that the log was replaced. After `limits.max_outage_s` without a
    connection it raises the error `network`. What is not asked for waits on the server.
    """

    def __init__(
        self,
        rest: Rest,
        access: Access,
        evaluations: AsyncEvaluations,
        limits: Limits,
        session_id: str,
        *,
        run_id: str | None,
        position: Position,
        deadline: float | None,
        sockets: bool,
    ) -> None:
        self._rest = rest
        self._access = access
        self._evaluations = evaluations
        self._limits = limits
        self._run_id = run_id
        self._deadline = deadline
        self._sockets = sockets
        self.session_id = session_id
        self.position = position
        """Where the caller stands: to be stored with what came of the events, and given to a later `follow`."""
        self._source: SocketSource | StreamSource | None = None
        self._ready: deque[SessionEvent | Gap] = deque()
        self._reads_log = False
        self._over = False
        self._backoff = Backoff()
        self._attempts = 0
        self._failures = 0
        self._bad_tokens = 0
        self._holes = 0
        self._away_since: float | None = None

    def __aiter__(self) -> AsyncFollow:
        return self

    async def __aenter__(self) -> AsyncFollow:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the connection; the position stays."""
        self._over = True
        await self._leave()

    async def __anext__(self) -> SessionEvent | Gap:
        while not self._over:
            try:
                item = await self._next()
            except Lost as lost:
                await self._or_close(lost)
            except SessionClosed:
                break
            except AuditorError:
                await self.aclose()
                raise
            else:
                if item is not None:
                    return item
        await self.aclose()
        raise StopAsyncIteration

    async def _or_close(self, lost: Lost) -> None:
        try:
            await self._come_back(lost)
        except AuditorError:
            await self.aclose()
            raise

    async def _next(self) -> SessionEvent | Gap | None:
        """One step; None where it did not bring anything to show."""
        if self._ready:
            return self._passed(self._ready.popleft())
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise AuditorError("timeout", "The time that was given for this is over; the run may still go on.")
        if self._reads_log:
            await self._read_page()
            return None
        if self._source is None:
            kind = SocketSource if self._sockets and self._failures < _TRIES else StreamSource
            self._source = await kind.open(self._rest, self._access, self.session_id, self.position, self._deadline)
            self._backoff = self._source.backoff
        message = await self._source.receive(self._deadline)
        if isinstance(message, SessionJoined):
            await self._joined(message)
            return None
        return None if message is None else self._passed(message)

    def _passed(self, item: SessionEvent | Gap) -> SessionEvent | Gap | None:
        if isinstance(item, Gap):
            return item
        if item.seq <= self.position.last_seq:
            return None
        if item.seq > self.position.last_seq + 1:
            self._ready.clear()
            self._holes += 1
            if self._holes > _PATIENCE:
                raise AuditorError("bad_answer", "The server's log has an event that can't be read.")
            raise Lost("an event is missing")
        # The log's own epoch, and not the event's: one that was in a backup keeps what it was written with.
        self.position = Position(self.position.epoch or item.epoch, item.seq)
        self._holes = 0
        if self._run_id is not None and item.run_id == self._run_id and is_terminal(item):
            self._over = True
        return item

    async def _joined(self, joined: SessionJoined) -> None:
        self._failures = self._bad_tokens = 0
        self._away_since = None
        by_stream = isinstance(self._source, StreamSource)
        if joined.reason is None:
            self.position = Position(joined.epoch, self.position.last_seq)
        elif by_stream:
            # What follows is the log from its beginning.
            await self._start_anew(joined.reason)
        elif joined.reason == "too_far_behind":
            self.position = Position(self.position.epoch or joined.epoch, self.position.last_seq)
            await self._read_log()
        else:
            # Then it is joined on a new connection.
            await self._start_anew(joined.reason)
            await self._leave()

    async def _start_anew(self, reason: str) -> None:
        """Another log than the one that was known is followed from its beginning."""
        evaluation = await self._or_lost_get()
        if self.position.last_seq > 0:
            self._ready.append(Gap(reason, evaluation))
        self.position = Position(evaluation.epoch, 0)

    async def _read_log(self) -> None:
        """What the socket does not replay is read by REST; then the session is joined where that ends."""
        self._reads_log = True
        await self._leave()

    async def _read_page(self) -> None:
        try:
            page = await self._evaluations.events(self.session_id, after_seq=self.position.last_seq, limit=_PAGE)
        except AuditorError as error:
            if not error.retryable:
                raise
            raise Lost(error.message, retry_after_s=error.retry_after_s) from error
        if page.epoch != self.position.epoch:
            await self._start_anew("epoch_mismatch")
            return
        self._ready.extend(page.events)
        if not page.events or page.events[-1].seq >= page.last_seq:
            self._reads_log = False

    async def _or_lost_get(self) -> Evaluation:
        try:
            return await self._evaluations.get(self.session_id)
        except AuditorError as error:
            if not error.retryable:
                raise
            raise Lost(error.message, retry_after_s=error.retry_after_s) from error

    async def _leave(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            await source.close()

    async def _come_back(self, lost: Lost) -> None:
        """After a connection that has ended, or one that could not be had."""
        source = self._source
        welcomed = source is not None and source.since is not None
        lived = time.monotonic() - source.since if source is not None and source.since is not None else 0.0
        if source is not None:
            source.ended(lost)
        by_stream = isinstance(source, StreamSource)
        await self._leave()
        if lost.error is not None:
            raise lost.error
        now = time.monotonic()
        self._away_since = self._away_since or now
        if lost.code == BAD_TOKEN and self._access.renewable and self._bad_tokens == 0:
            # It may be of a login that was ended meanwhile; the refresh tells.
            self._bad_tokens += 1
            self._access.distrust(self._access.current or "")
            return
        self._raise_where_final(lost)
        if by_stream:
            # Some networks change: the next try is one socket, then a stream again.
            self._failures = _TRIES - 1
        elif not welcomed and not self._reads_log:
            self._failures = min(self._failures + 1, _TRIES)
        if lived >= _STABLE_S:
            self._attempts = 0
        if not lost.wait:
            return
        wait_s = self._backoff.wait_s(self._attempts, lost.retry_after_s)
        self._attempts += 1
        if now + wait_s - self._away_since > self._limits.max_outage_s:
            raise AuditorError.network(lost)
        if self._deadline is not None:
            wait_s = min(wait_s, max(self._deadline - now, 0.0))
        await sleep(wait_s)

    def _raise_where_final(self, lost: Lost) -> None:
        code = lost.code
        if code == LOGIN_ENDED:
            self._access.end()
        if code in {BAD_TOKEN, LOGIN_ENDED} or (code == TOKEN_EXPIRED and not self._access.renewable):
            said = f"The server does not take this login or key any more: {meaning(code)}."
            raise AuditorError("unauthenticated", said, status=401, close_code=code)
        if not may_come_back(code):
            said = f"The server closed the socket and does not want this client back: {meaning(code)}."
            raise AuditorError("refused", said, close_code=code)
