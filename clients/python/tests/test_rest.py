"""Requests: what is asked again, and what is not; tokens; errors; bounds."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from flavours import Flavour, both
from judge_auditor import AsyncClient, AuditorError, Client, Limits
from scripted import RUN, SESSION, Rest, evaluation, problem, tokens
from test_recovery import user

STARTED = {"session_id": SESSION, "run_id": RUN, "status": "in_progress", "websocket_url": "/ws"}


async def create(client: Any) -> Any:
    return await client.evaluations.create("a", "b")


async def start(client: Any) -> Any:
    return await client.evaluations.start(SESSION)


async def feedback(client: Any) -> Any:
    return await client.evaluations.feedback.create(SESSION, score=1)


@both
def test_a_wait_that_the_server_asks_for_is_kept(flavour: Flavour) -> None:
    rest = Rest(problem(429, "rate_limited", Retry_After="1"), httpx.Response(202, json=STARTED))
    began = time.monotonic()
    assert flavour.run(start, rest=rest).run_id == RUN
    assert time.monotonic() - began >= 1


@both
@pytest.mark.usefixtures("no_waiting")
def test_the_server_is_asked_so_often_and_no_more(flavour: Flavour) -> None:
    rest = Rest(lambda request: problem(503, "overloaded"))
    with pytest.raises(AuditorError) as raised:
        flavour.run(start, rest=rest)
    assert raised.value.code == "overloaded"
    assert len(rest.asked) == 5


@both
def test_a_wait_that_is_too_long_is_an_error_at_once(flavour: Flavour) -> None:
    rest = Rest(problem(429, "rate_limited", Retry_After="3600"))
    with pytest.raises(AuditorError) as raised:
        flavour.run(start, rest=rest)
    assert (raised.value.code, raised.value.retry_after_s, raised.value.status) == ("rate_limited", 3600, 429)


@both
@pytest.mark.usefixtures("no_waiting")
def test_a_start_whose_answer_was_lost_is_the_same_start(flavour: Flavour) -> None:
    rest = Rest(httpx.ReadError("gone"), httpx.Response(202, json=STARTED))
    flavour.run(start, rest=rest)
    assert rest.body(0)["client_request_id"] == rest.body(1)["client_request_id"]


@both
@pytest.mark.usefixtures("no_waiting")
def test_an_evaluation_whose_answer_was_lost_is_made_once(flavour: Flavour) -> None:
    rest = Rest(httpx.ReadError("gone"), problem(500, "internal"), httpx.Response(201, json=evaluation()))
    assert flavour.run(create, rest=rest).id == SESSION
    assert len({request.headers["Idempotency-Key"] for request in rest.asked}) == 1


@both
@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("fault", [httpx.ReadError("gone"), problem(500, "internal"), problem(503, "overloaded")])
def test_what_may_have_been_done_is_not_asked_for_again(flavour: Flavour, fault: Any) -> None:
    if isinstance(fault, httpx.Response):
        fault = httpx.Response(fault.status_code, content=fault.content)
    rest = Rest(fault)
    with pytest.raises(AuditorError):
        flavour.run(feedback, rest=rest)
    assert len(rest.asked) == 1


@both
@pytest.mark.usefixtures("no_waiting")
def test_what_never_left_is_asked_for_again(flavour: Flavour) -> None:
    said = {
        "id": SESSION,
        "claim_id": None,
        "label": None,
        "score": 1,
        "comment": None,
        "created_at": "2026-03-01T09:30:00.000Z",
    }
    rest = Rest(httpx.ConnectError("no"), problem(429, "rate_limited"), httpx.Response(201, json=said))
    assert flavour.run(feedback, rest=rest).score == 1


@both
def test_the_key_is_in_the_header_and_nowhere_else(flavour: Flavour) -> None:
    rest = Rest(httpx.Response(200, json={"items": []}))

    async def judges(client: Any) -> str:
        await client.judges()
        return repr(client)

    assert "ja_secret" not in flavour.run(judges, rest=rest, key="ja_secret")
    assert rest.asked[0].headers["Authorization"] == "Bearer ja_secret"
    assert "ja_secret" not in str(rest.asked[0].url)


@both
def test_a_key_that_is_not_taken_is_asked_with_once(flavour: Flavour) -> None:
    rest = Rest(problem(401, "unauthenticated"))
    with pytest.raises(AuditorError) as raised:
        flavour.run(lambda client: client.judges(), rest=rest)
    assert raised.value.code == "unauthenticated"


@both
def test_nobody_logged_in_is_said_before_the_network(flavour: Flavour) -> None:
    with pytest.raises(AuditorError, match="login") as raised:
        flavour.run(lambda client: client.judges(), rest=Rest(), key=None)
    assert raised.value.code == "signed_out"


async def login_then_judges(client: Any) -> None:
    await client.account.login("ada", "a long password")
    await client.judges()


def logs_in(*answers: Any, expires_in: float = 900) -> Rest:
    return Rest(httpx.Response(200, json=tokens(1, expires_in)), user(), *answers)


@both
def test_a_refused_token_is_renewed_and_the_request_made_again(flavour: Flavour) -> None:
    rest = logs_in(
        problem(401, "token_expired"),
        httpx.Response(200, json=tokens(2)),
        httpx.Response(200, json={"items": []}),
    )
    flavour.run(login_then_judges, rest=rest, key=None)
    assert rest.asked[4].headers["Authorization"] == "Bearer access-2"


@both
@pytest.mark.usefixtures("no_waiting")
def test_a_refresh_whose_answer_was_lost_is_repeated_under_its_id(flavour: Flavour) -> None:
    rest = logs_in(
        problem(401, "token_expired"),
        httpx.ReadError("gone"),
        httpx.Response(200, json=tokens(2)),
        httpx.Response(200, json={"items": []}),
    )
    flavour.run(login_then_judges, rest=rest, key=None)
    assert rest.body(3) == rest.body(4)
    assert len(rest.body(3)["client_request_id"]) == 32


@both
def test_a_refresh_that_is_refused_ends_the_login(flavour: Flavour) -> None:
    rest = logs_in(problem(401, "token_expired"), problem(401, "unauthenticated"))

    async def twice(client: Any) -> None:
        await client.account.login("ada", "a long password")
        for _ in range(2):
            with pytest.raises(AuditorError):
                await client.judges()

    flavour.run(twice, rest=rest, key=None)
    assert len(rest.asked) == 4


class Renewals:
    """Access tokens that are over at once, and a count of the refresh tokens that were spent."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.spent: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path == "/auth/login":
            return httpx.Response(200, json=tokens(1))
        if path == "/auth/me":
            return user()
        if path == "/auth/refresh":
            with self.lock:
                self.spent.append(json.loads(request.content)["refresh_token"])
            return httpx.Response(200, json=tokens(2))
        if request.headers["Authorization"] == "Bearer access-1":
            return problem(401, "token_expired")
        return httpx.Response(200, json={"items": []})


def test_threads_renew_a_token_once() -> None:
    server = Renewals()
    http = httpx.Client(transport=httpx.MockTransport(server), trust_env=False)
    with http, Client("http://auditor.invalid", http=http) as client, ThreadPoolExecutor(8) as pool:
        client.account.login("ada", "a long password")
        for done in [pool.submit(client.judges) for _ in range(32)]:
            done.result()
    assert server.spent == ["refresh-1"]


def test_tasks_renew_a_token_once() -> None:
    server = Renewals()

    async def many() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(server), trust_env=False)
        async with http, AsyncClient("http://auditor.invalid", http=http) as client:
            await client.account.login("ada", "a long password")
            await asyncio.gather(*[client.judges() for _ in range(32)])

    asyncio.run(many())
    assert server.spent == ["refresh-1"]


@both
def test_a_problem_is_told_whole(flavour: Flavour) -> None:
    body = {
        "type": "/problems/validation",
        "title": "Not valid",
        "status": 422,
        "detail": "A value is not allowed.",
        "code": "validation",
        "request_id": "r-7",
        "errors": [{"pointer": "/config/judges/0", "detail": "no such judge"}],
    }
    with pytest.raises(AuditorError) as raised:
        flavour.run(create, rest=Rest(httpx.Response(422, json=body)))
    assert (raised.value.code, raised.value.request_id, raised.value.retryable) == (
        "validation",
        "r-7",
        False,
    )
    assert raised.value.errors[0].pointer == "/config/judges/0"
    assert "/config/judges/0: no such judge" in str(raised.value)


@both
def test_an_answer_that_is_none_of_the_contract_is_an_error(flavour: Flavour) -> None:
    with pytest.raises(AuditorError) as raised:
        flavour.run(create, rest=Rest(httpx.Response(201, json={"id": 7})))
    assert raised.value.code == "bad_answer"


@both
def test_an_answer_has_a_bound_also_where_it_is_packed(flavour: Flavour) -> None:
    packed = gzip.compress(b" " * 10_000_000)
    rest = Rest(httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(AuditorError, match="longer"):
        flavour.run(lambda client: client.judges(), rest=rest, limits=Limits(max_answer_bytes=1_000_000))


class Trickle(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer without an end."""

    def __iter__(self) -> Any:
        while True:
            time.sleep(0.01)
            yield b" "

    async def __aiter__(self) -> Any:
        while True:
            await asyncio.sleep(0.01)
            yield b" "


@both
def test_an_answer_that_does_not_end_is_given_up(flavour: Flavour) -> None:
    rest = Rest(lambda request: httpx.Response(200, stream=Trickle()))
    with pytest.raises(AuditorError, match="slowly"):
        flavour.run(lambda client: client.judges(), rest=rest, limits=Limits(max_answer_s=0.2, max_retries=0))


@both
def test_all_pages_of_a_list_are_read(flavour: Flavour) -> None:
    item = evaluation() | {
        "claims": {"supported": 0, "refuted": 0, "not_enough_info": 0},
        "source_preview": "a",
        "candidate_preview": "b",
        "consensus_score": None,
        "hallucination_score": None,
    }
    rest = Rest(
        httpx.Response(200, json={"items": [item, item], "next_cursor": "next"}),
        httpx.Response(200, json={"items": [item], "next_cursor": None}),
    )

    async def count(client: Any) -> int:
        return len([each async for each in client.evaluations.all()])

    assert flavour.run(count, rest=rest) == 3
    assert rest.asked[1].url.params["cursor"] == "next"


@both
def test_a_download_goes_to_a_file(flavour: Flavour) -> None:
    file = io.BytesIO()

    async def export(client: Any) -> Any:
        return await client.account.export(file)

    assert flavour.run(export, rest=Rest(httpx.Response(200, content=b"PK"))) == 2
    assert file.getvalue() == b"PK"


@both
def test_an_id_can_not_lead_to_another_path(flavour: Flavour) -> None:
    rest = Rest(problem(404, "not_found"))
    with pytest.raises(AuditorError):
        flavour.run(lambda client: client.evaluations.get("../judges?x=1#"), rest=rest)
    assert rest.asked[0].url.raw_path == b"/api/v1/evaluations/..%2Fjudges%3Fx%3D1%23"


@pytest.mark.parametrize("url", ["ftp://a", "auditor.example", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Client(url)


@pytest.mark.parametrize("key", ["ja_ x", "ja_\n", "ja_é"])
def test_a_key_that_is_none_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="copied whole") as raised:
        Client(key=key)
    assert key not in str(raised.value)


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_AUDITOR_URL", "https://audits.example.org/")
    monkeypatch.setenv("JUDGE_AUDITOR_KEY", "ja_of_the_environment")
    rest = Rest(httpx.Response(200, json={"items": []}))
    with httpx.Client(transport=httpx.MockTransport(rest)) as http, Client(http=http) as client:
        client.judges()
    assert str(rest.asked[0].url) == "https://audits.example.org/api/v1/judges"
    assert rest.asked[0].headers["Authorization"] == "Bearer ja_of_the_environment"


def test_only_so_many_audits_of_one_client_run_at_a_time() -> None:
    at_once, most, lock = 0, 0, threading.Lock()

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return problem(422, "validation")

    http = httpx.Client(transport=httpx.MockTransport(answer))
    with (
        http,
        Client("http://auditor.invalid", key="ja_test", http=http, limits=Limits(max_audits=2)) as client,
    ):

        def audit() -> None:
            with pytest.raises(AuditorError):
                client.audit("a", "b")

        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(audit) for _ in range(16)]:
                done.result()
    assert most == 2
