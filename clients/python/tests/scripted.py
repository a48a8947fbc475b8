"""A server that does what a test says: sockets are real ones, and REST is answered without a network."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

SESSION = "0197c2a0-1f00-7000-8000-000000000001"
RUN = "0197c2a0-1f00-7000-8000-0000000000a1"
EPOCH = "0197c2a0-1f00-7000-8000-0000000000e1"
OTHER_EPOCH = "0197c2a0-1f00-7000-8000-0000000000e2"
TIME = "2026-03-01T09:30:00.000Z"
#: For what a test waits for; nothing takes nearly as long.
PATIENCE_S = 20.0

Script = Callable[["Visit"], None]


class Visit:
    """One connection of the client."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        assert connection.request is not None
        self.authorization = connection.request.headers.get("Authorization")

    def send(self, kind: str, data: Any, name: str | None = None) -> None:
        message = {"type": kind, "data": data} | ({"id": name} if name else {})
        self.connection.send(json.dumps(message))

    def command(self) -> dict[str, Any]:
        return json.loads(self.connection.recv(PATIENCE_S))  # type: ignore[no-any-return]

    def welcome(self, timeout_ms: int = 33_000) -> None:
        self.send(
            "welcome",
            {
                "connection_id": SESSION,
                "user": {"id": SESSION, "username": "ada"},
                "token_expires_at": TIME,
                "server_time": TIME,
                "limits": {
                    "max_message_bytes": 65536,
                    "max_sessions": 32,
                    "commands_per_second": 20,
                    "replay": 1000,
                },
                "heartbeat": {"interval_ms": 25_000, "timeout_ms": timeout_ms},
                "reconnect": {"min_ms": 1, "max_ms": 2, "jitter": "full"},
            },
        )

    def join(
        self, last_seq: int, *, epoch: str = EPOCH, recovered: bool = True, reason: str | None = None
    ) -> dict[str, Any]:
        """Welcomes and lets in; answers where the client said that it stands."""
        self.welcome()
        asked = self.command()
        assert asked["type"] == "join_session"
        data = {
            "session_id": SESSION,
            "status": "in_progress",
            "epoch": epoch,
            "last_seq": last_seq,
            "recovered": recovered,
            "members": 1,
        } | ({"reason": reason} if reason else {})
        self.send("session_joined", data, asked["id"])
        return asked["data"]  # type: ignore[no-any-return]

    def events(self, first: int, last: int, *, epoch: str = EPOCH) -> None:
        for seq in range(first, last + 1):
            self.connection.send(json.dumps(progress(seq, epoch=epoch)))

    def event(self, event: dict[str, Any]) -> None:
        self.connection.send(json.dumps(event))

    def close(self, code: int) -> None:
        self.connection.close(code)

    def cut(self) -> None:
        """The network is gone: no goodbye."""
        self.connection.socket.close()

    def until_left(self) -> None:
        for _ in self.connection:
            pass


def progress(seq: int, *, epoch: str = EPOCH) -> dict[str, Any]:
    data = {"stage": "judging", "progress": 50.0, "stage_progress": 50.0, "message": f"event {seq}"}
    return envelope("evaluation_progress", seq, data, epoch=epoch)


def cancelled(seq: int, *, epoch: str = EPOCH) -> dict[str, Any]:
    return envelope("evaluation_cancelled", seq, {"reason": "user"}, epoch=epoch)


def envelope(kind: str, seq: int, data: dict[str, Any], *, epoch: str = EPOCH) -> dict[str, Any]:
    return {
        "type": kind,
        "session_id": SESSION,
        "run_id": RUN,
        "epoch": epoch,
        "seq": seq,
        "ts": TIME,
        "data": data,
    }


def evaluation(**changes: Any) -> dict[str, Any]:
    config = {
        "judges": ["facts"],
        "enable_retrieval": False,
        "collection_id": None,
        "aggregation_strategy": "weighted_average",
        "deadline_ms": 600_000,
        "quorum": 1,
    }
    return {
        "id": SESSION,
        "status": "in_progress",
        "source_text": "a",
        "candidate_output": "b",
        "question": None,
        "config": config,
        "created_at": TIME,
        "started_at": TIME,
        "completed_at": None,
        "run_id": RUN,
        "epoch": EPOCH,
        "last_seq": 3,
        "tags": [],
        "claims": [],
        "judges": [],
    } | changes


def tokens(number: int, expires_in: float = 900) -> dict[str, Any]:
    return {
        "access_token": f"access-{number}",
        "token_type": "bearer",
        "expires_in": expires_in,
        "refresh_token": f"refresh-{number}",
    }


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {
        "type": f"/problems/{code}",
        "title": code,
        "status": status,
        "detail": f"it is {code}",
        "code": code,
        "request_id": "r-1",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


class Sockets:
    """Each connection gets the next script; the last one is for all that come after."""

    def __init__(self, scripts: list[Script | int]) -> None:
        self._scripts = scripts
        self._lock = threading.Lock()
        self.visits: list[Visit] = []
        self.faults: list[BaseException] = []
        self.knocks = 0
        self.url = ""

    def _next(self) -> Script | int:
        with self._lock:
            script = self._scripts[min(self.knocks, len(self._scripts) - 1)]
            self.knocks += 1
        return script

    def at_the_door(self, connection: ServerConnection, request: Request) -> Response | None:
        script = self._next()
        if isinstance(script, int):
            headers = Headers({"Location": "/elsewhere"} if 300 <= script < 400 else {})
            headers["Content-Length"] = "0"
            return Response(script, HTTPStatus(script).phrase, headers, b"")
        connection.script = script  # type: ignore[attr-defined]
        return None

    def inside(self, connection: ServerConnection) -> None:
        visit = Visit(connection)
        self.visits.append(visit)
        try:
            connection.script(visit)  # type: ignore[attr-defined]
        except Exception as fault:
            self.faults.append(fault)


@contextmanager
def sockets(*scripts: Script | int) -> Iterator[Sockets]:
    """A number stands for an HTTP status before the upgrade."""
    script = Sockets(list(scripts))
    with serve(
        script.inside,
        "127.0.0.1",
        0,
        subprotocols=["judge-auditor.v1"],  # type: ignore[list-item]
        process_request=script.at_the_door,
        compression=None,
        ping_interval=None,
        close_timeout=1,
    ) as server:
        script.url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join(PATIENCE_S)


class Rest:
    """Answers requests in the order of its list, or by a function; notes what was asked."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]) -> None:
        self._answers = list(answers)
        self._lock = threading.Lock()
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            request.read()
            self.asked.append(request)
            assert self._answers, f"nothing is left to answer {request.method} {request.url}"
            answer = (
                self._answers[0] if len(self._answers) == 1 and callable(self._answers[0]) else self._answers.pop(0)
            )
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return answer(request)

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode().removeprefix('/api/v1')}" for request in self.asked]

    def body(self, number: int) -> dict[str, Any]:
        return json.loads(self.asked[number].content)  # type: ignore[no-any-return]
