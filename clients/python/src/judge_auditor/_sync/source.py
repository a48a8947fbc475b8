# Made of _async/source.py by tools/make_sync.py.
"""One connection that brings the log of a session: a socket, or an event stream where no socket can be had."""

from __future__ import annotations

import json
import time
from collections import deque

import httpx
from pydantic import ValidationError

from ..backoff import Backoff
from ..close_codes import TOKEN_EXPIRED
from ..errors import AuditorError
from ..event_stream import EventStreamParser
from ..messages import Reply, decode
from ..models import SessionEvent, SessionJoined, Welcome
from ..position import Position
from ..request import Request
from ..socket_settings import GREETING_S, Lost
from .access import Access
from .io import Socket
from .rest import Rest

#: The server speaks each 25 s at least.
_SILENCE_S = 33.0
#: Between tries of a refresh that could not reach the server.
_REFRESH_AGAIN_S = 5.0
_JOIN = "join"


class SessionClosed(Exception):
    """There is nothing more to come: the evaluation was deleted."""


def _reconnect_wait(reply: Reply) -> float:
    wait = reply.data.get("reconnect_after_ms")
    return wait / 1000 if isinstance(wait, int | float) and wait > 0 else 0.0


def _at_most(wait_s: float, until: float | None) -> float:
    """The wait, or less where the caller's time is over before; never none at all."""
    return wait_s if until is None else min(wait_s, max(until - time.monotonic(), 0.1))


def _drained() -> Lost:
    return Lost("the server is restarting", wait=False)


class SocketSource:
    def __init__(self, socket: Socket, access: Access, token: str, session_id: str) -> None:
        self._socket = socket
        self._access = access
        self._token = token
        self._session_id = session_id
        self._silence_s = _SILENCE_S
        self._leave_at: float | None = None
        self._refresh_not_before = 0.0
        #: When the server said welcome.
        self.since: float | None = None
        self.backoff = Backoff()

    @classmethod
    def open(
        cls, rest: Rest, access: Access, session_id: str, position: Position, until: float | None
    ) -> SocketSource:
        try:
            token = access.token()
        except AuditorError as error:
            if not error.retryable:
                raise
            raise Lost(error.message, retry_after_s=error.retry_after_s) from error
        greeting_s = _at_most(GREETING_S, until)
        began = time.monotonic()
        socket = Socket.open(rest.socket_url, token, greeting_s)
        source = cls(socket, access, token, session_id)
        try:
            source._be_welcomed(began + greeting_s)
            data: dict[str, object] = {"session_id": session_id, "last_seq": position.last_seq}
            if position.epoch is not None and position.last_seq > 0:
                data["epoch"] = position.epoch
            source._send("join_session", _JOIN, data)
        except BaseException as fault:
            if isinstance(fault, Lost):
                source.ended(fault)
            source.close()
            raise
        return source

    def receive(self, until: float | None) -> SessionEvent | SessionJoined | None:
        """The next message of the session; None where the caller's time is over before."""
        # While nobody read, nothing could be heard.
        heard = time.monotonic()
        while True:
            self._renew_when_due()
            now = time.monotonic()
            if self._leave_at is not None and now >= self._leave_at:
                raise _drained()
            if until is not None and now >= until:
                return None
            if now >= heard + self._silence_s:
                raise Lost("nothing was heard in time")
            ends = [heard + self._silence_s, self._leave_at, until, self._refresh_due()]
            text = self._socket.receive(min(end for end in ends if end is not None) - now)
            if text is None:
                continue
            heard = time.monotonic()
            message = decode(text)
            item = self._heed(message) if isinstance(message, Reply) else message
            if item is not None:
                return item

    def close(self) -> None:
        self._socket.close()

    def _heed(self, reply: Reply) -> SessionJoined | None:
        if reply.type == "session_joined" and reply.id == _JOIN:
            try:
                return SessionJoined.model_validate(reply.data)
            except ValidationError as fault:
                raise AuditorError("bad_answer", f"The server's answer to a join can't be read: {fault}") from fault
        if reply.type == "error" and reply.id in (_JOIN, None):
            error = AuditorError.of_command(reply.data)
            if error.about_the_login:
                self._access.distrust(self._token)
                raise Lost(error.message, error=error if not self._access.renewable else None)
            if error.retryable:
                raise Lost(error.message, retry_after_s=error.retry_after_s)
            if reply.id == _JOIN:
                raise error
        if reply.type == "session_closed" and reply.data.get("session_id") == self._session_id:
            raise SessionClosed(str(reply.data.get("reason")))
        if reply.type == "drain":
            self._leave_at = time.monotonic() + _reconnect_wait(reply)
        return None

    def _be_welcomed(self, end: float) -> None:
        while True:
            left = end - time.monotonic()
            text = self._socket.receive(left) if left > 0 else None
            if text is None:
                raise Lost("no welcome came in time")
            message = decode(text)
            if not isinstance(message, Reply) or message.type != "welcome":
                continue
            try:
                welcome = Welcome.model_validate(message.data)
            except ValidationError as fault:
                raise AuditorError("bad_answer", f"The server's welcome can't be read: {fault}") from fault
            self._silence_s = max(welcome.heartbeat.timeout_ms / 1000, 1.0)
            self.backoff = Backoff(welcome.reconnect.min_ms / 1000, welcome.reconnect.max_ms / 1000)
            self.since = time.monotonic()
            return

    def _refresh_due(self) -> float | None:
        wait = self._access.refresh_in_s()
        return None if wait is None else max(time.monotonic() + wait, self._refresh_not_before)

    def _renew_when_due(self) -> None:
        """The token is replaced before its end, and the open socket goes on with the new one."""
        due = self._refresh_due()
        if due is not None and time.monotonic() >= due:
            try:
                self._access.renew(self._access.current or "")
            except AuditorError as error:
                if not error.retryable:
                    raise
                self._refresh_not_before = time.monotonic() + (error.retry_after_s or _REFRESH_AGAIN_S)
        # Another connection of this client may have replaced it.
        current = self._access.current
        if current is not None and current != self._token:
            self._token = current
            # A refusal needs no answer: the server closes the connection and says why.
            self._send("authenticate", "authenticate", {"token": current})

    def _send(self, kind: str, name: str, data: dict[str, object]) -> None:
        self._socket.send(json.dumps({"type": kind, "id": name, "data": data}))

    def ended(self, lost: Lost) -> None:
        if lost.code == TOKEN_EXPIRED:
            self._access.distrust(self._token)


class StreamSource:
    """The same log as server-sent events, for networks that break WebSockets."""

    def __init__(self, response: httpx.Response, access: Access, token: str) -> None:
        self._response = response
        self._pieces = response.iter_bytes()
        self._access = access
        self._token = token
        self._parser = EventStreamParser()
        self._waiting: deque[str] = deque()
        self._leave_at: float | None = None
        self.since: float | None = time.monotonic()
        self.backoff = Backoff()

    @classmethod
    def open(
        cls, rest: Rest, access: Access, session_id: str, position: Position, until: float | None
    ) -> StreamSource:
        headers = {"Accept": "text/event-stream"}
        if position.epoch is not None and position.last_seq > 0:
            headers["Last-Event-ID"] = f"{position.epoch}:{position.last_seq}"
        request = Request("GET", "/evaluations/{id}/events", {"id": session_id}, headers=headers)
        try:
            response, token = access.open(request, _at_most(_SILENCE_S, until))
        except AuditorError as error:
            if not error.retryable:
                raise
            raise Lost(error.message, retry_after_s=error.retry_after_s) from error
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            response.close()
            raise Lost("the server's answer is no event stream")
        return cls(response, access, token)

    def receive(self, until: float | None) -> SessionEvent | SessionJoined | None:
        while True:
            while self._waiting:
                message = decode(self._waiting.popleft())
                item = self._heed(message) if isinstance(message, Reply) else message
                if item is not None:
                    return item
            now = time.monotonic()
            if until is not None and now >= until:
                return None
            if self._leave_at is not None and now >= self._leave_at:
                raise _drained()
            try:
                self._waiting.extend(self._parser.feed(self._pieces.__next__()))
            except StopIteration:
                raise Lost("the event stream has ended") from None
            except httpx.HTTPError as fault:
                raise Lost(str(fault)) from fault

    def close(self) -> None:
        self._response.close()

    def _heed(self, reply: Reply) -> SessionJoined | None:
        if reply.type == "session_joined":
            return SessionJoined.model_validate(reply.data)
        if reply.type == "session_closed":
            raise SessionClosed(str(reply.data.get("reason")))
        if reply.type == "drain":
            self._leave_at = time.monotonic() + _reconnect_wait(reply)
        if reply.type == "error":
            error = AuditorError.of_command(reply.data)
            # The token's time ends a stream; the next one is opened with a new token.
            if error.about_the_login and self._access.renewable:
                self._access.distrust(self._token)
                raise Lost(error.message)
            if error.retryable:
                raise Lost(error.message, retry_after_s=error.retry_after_s)
            raise error
        return None

    def ended(self, lost: Lost) -> None:
        """A stream has no close codes."""
