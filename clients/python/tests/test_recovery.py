"""A connection that breaks, in each way that the protocol has, loses nothing and repeats nothing."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from flavours import Flavour, both
from judge_auditor import AuditorError, Gap, Limits
from judge_auditor.close_codes import MEANINGS, may_come_back
from scripted import (
    EPOCH,
    OTHER_EPOCH,
    RUN,
    SESSION,
    Rest,
    Visit,
    cancelled,
    envelope,
    evaluation,
    problem,
    progress,
    sockets,
    tokens,
)

pytestmark = pytest.mark.usefixtures("no_waiting")


async def numbers(client: Any, **position: Any) -> list[Any]:
    """The numbers of all events up to the end of the run; a gap stands as its reason."""
    async with client.follow(SESSION, run_id=RUN, timeout_s=30, **position) as events:
        return [item.reason if isinstance(item, Gap) else item.seq async for item in events]


def to_the_end(visit: Visit) -> None:
    """From where the client stands, up to event 6, with which the run ends."""
    asked = visit.join(6)
    visit.events(asked["last_seq"] + 1, 5)
    visit.event(cancelled(6))
    visit.until_left()


def page(first: int, last: int, end: int, *, epoch: str = EPOCH) -> httpx.Response:
    events = [progress(seq, epoch=epoch) for seq in range(first, last + 1)]
    return httpx.Response(200, json={"epoch": epoch, "events": events, "last_seq": end})


@both
def test_a_connection_that_is_cut_goes_on_where_it_was(flavour: Flavour) -> None:
    asked = []

    def breaks(visit: Visit) -> None:
        asked.append(visit.join(6))
        visit.events(1, 3)
        visit.cut()

    def resumes(visit: Visit) -> None:
        asked.append(visit.join(6))
        visit.events(4, 5)
        visit.event(cancelled(6))

    with sockets(breaks, resumes) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2, 3, 4, 5, 6]
    assert asked == [
        {"session_id": SESSION, "last_seq": 0},
        {"session_id": SESSION, "last_seq": 3, "epoch": EPOCH},
    ]


@both
def test_repeats_are_dropped_and_a_hole_is_asked_for_again(flavour: Flavour) -> None:
    def repeats_and_skips(visit: Visit) -> None:
        visit.join(6)
        visit.events(1, 3)
        visit.events(2, 3)
        visit.events(5, 5)
        visit.until_left()

    with sockets(repeats_and_skips, to_the_end) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2, 3, 4, 5, 6]


@both
def test_an_event_that_can_never_be_read_is_an_error(flavour: Flavour) -> None:
    def unreadable(visit: Visit) -> None:
        visit.join(6)
        visit.event(progress(1) | {"data": {"stage": 7}})
        visit.events(2, 2)
        visit.until_left()

    with sockets(unreadable) as server, pytest.raises(AuditorError) as raised:
        flavour.run(numbers, url=server.url)
    assert raised.value.code == "bad_answer"
    assert server.knocks == 9


@both
def test_an_event_of_an_unknown_kind_has_its_place(flavour: Flavour) -> None:
    def newer(visit: Visit) -> None:
        visit.join(3)
        visit.events(1, 1)
        visit.event(envelope("of_a_later_release", 2, {"anything": 1}))
        visit.event(cancelled(3))

    with sockets(newer) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2, 3]


@both
def test_an_event_of_a_backup_keeps_its_epoch_and_the_client_the_logs(flavour: Flavour) -> None:
    asked = []

    def older_events(visit: Visit) -> None:
        visit.join(6)
        visit.events(1, 2, epoch=OTHER_EPOCH)
        visit.cut()

    def resumes(visit: Visit) -> None:
        asked.append(visit.join(6))
        visit.events(3, 5)
        visit.event(cancelled(6))

    with sockets(older_events, resumes) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2, 3, 4, 5, 6]
    assert asked[0]["epoch"] == EPOCH


@both
def test_what_is_too_far_behind_is_read_by_rest(flavour: Flavour) -> None:
    asked = []

    def too_far(visit: Visit) -> None:
        visit.join(5, recovered=False, reason="too_far_behind")
        visit.until_left()

    def resumes(visit: Visit) -> None:
        asked.append(visit.join(5))
        visit.event(cancelled(6))

    rest = Rest(page(1, 3, 5), page(4, 5, 5))
    with sockets(too_far, resumes) as server:
        assert flavour.run(numbers, url=server.url, rest=rest) == [1, 2, 3, 4, 5, 6]
    assert rest.calls == [
        f"GET /evaluations/{SESSION}/events?{query}" for query in ("after_seq=0&limit=500", "after_seq=3&limit=500")
    ]
    assert asked[0] == {"session_id": SESSION, "last_seq": 5, "epoch": EPOCH}


@both
@pytest.mark.parametrize("reason", ["epoch_mismatch", "future_position"])
def test_another_log_is_told_and_followed_from_its_beginning(flavour: Flavour, reason: str) -> None:
    asked = []

    def another(visit: Visit) -> None:
        visit.join(2, epoch=OTHER_EPOCH, recovered=False, reason=reason)
        visit.until_left()

    def resumes(visit: Visit) -> None:
        asked.append(visit.join(2, epoch=OTHER_EPOCH))
        visit.events(1, 1, epoch=OTHER_EPOCH)
        visit.event(cancelled(2, epoch=OTHER_EPOCH))

    rest = Rest(httpx.Response(200, json=evaluation(epoch=OTHER_EPOCH)))
    with sockets(another, resumes) as server:
        items = flavour.run(lambda client: numbers(client, epoch=EPOCH, last_seq=40), url=server.url, rest=rest)
    assert items == [reason, 1, 2]
    assert asked == [{"session_id": SESSION, "last_seq": 0}]


@both
def test_a_log_that_is_replaced_while_it_is_read_is_told(flavour: Flavour) -> None:
    def too_far(visit: Visit) -> None:
        visit.join(5, recovered=False, reason="too_far_behind")
        visit.until_left()

    def resumes(visit: Visit) -> None:
        visit.join(1, epoch=OTHER_EPOCH)
        visit.event(cancelled(2, epoch=OTHER_EPOCH))

    rest = Rest(
        page(1, 3, 5),
        page(1, 1, 1, epoch=OTHER_EPOCH),
        httpx.Response(200, json=evaluation(epoch=OTHER_EPOCH)),
        page(1, 1, 1, epoch=OTHER_EPOCH),
    )
    with sockets(too_far, resumes) as server:
        assert flavour.run(numbers, url=server.url, rest=rest) == [1, 2, 3, "epoch_mismatch", 1, 2]


@both
def test_a_drain_is_left_when_the_server_says(flavour: Flavour) -> None:
    left = []

    def drains(visit: Visit) -> None:
        visit.join(6)
        visit.events(1, 2)
        told = time.monotonic()
        visit.send("drain", {"reconnect_after_ms": 300, "deadline_ms": 20_000})
        visit.until_left()
        left.append(time.monotonic() - told)

    with sockets(drains, to_the_end) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2, 3, 4, 5, 6]
    assert 0.25 < left[0] < 10


@both
@pytest.mark.parametrize("code", [*MEANINGS, 4413, 4499, 4599])
def test_each_close_code_is_obeyed(flavour: Flavour, code: int) -> None:
    def closes(visit: Visit) -> None:
        visit.join(6)
        visit.events(1, 3)
        visit.close(code)

    with sockets(closes, to_the_end) as server:
        if may_come_back(code) and code != 4401:
            assert flavour.run(numbers, url=server.url) == [1, 2, 3, 4, 5, 6]
            return
        with pytest.raises(AuditorError) as raised:
            flavour.run(numbers, url=server.url)
    assert raised.value.close_code == code
    assert server.knocks == 1
    # A key has no successor.
    assert raised.value.code == ("unauthenticated" if code in {4401, 4501, 4503} else "refused")


async def logged_in(client: Any) -> list[Any]:
    await client.account.login("ada", "a long password")
    return await numbers(client)


USER = httpx.Response(
    200,
    json={
        "id": SESSION,
        "username": "ada",
        "email": "ada@example.org",
        "created_at": "2026-03-01T09:30:00.000Z",
    },
)


def user() -> httpx.Response:
    return httpx.Response(200, content=USER.content)


@both
@pytest.mark.parametrize("code", [4401, 4501])
def test_a_token_that_is_not_taken_is_renewed(flavour: Flavour, code: int) -> None:
    def refuses(visit: Visit) -> None:
        visit.close(code)

    rest = Rest(httpx.Response(200, json=tokens(1)), user(), httpx.Response(200, json=tokens(2)))
    with sockets(refuses, to_the_end) as server:
        assert flavour.run(logged_in, url=server.url, rest=rest, key=None) == [1, 2, 3, 4, 5, 6]
    assert [visit.authorization for visit in server.visits] == ["Bearer access-1", "Bearer access-2"]
    assert rest.body(2)["refresh_token"] == "refresh-1"


@both
def test_a_token_that_is_not_taken_twice_is_an_error(flavour: Flavour) -> None:
    rest = Rest(httpx.Response(200, json=tokens(1)), user(), httpx.Response(200, json=tokens(2)))
    with sockets(lambda visit: visit.close(4501)) as server, pytest.raises(AuditorError) as raised:
        flavour.run(logged_in, url=server.url, rest=rest, key=None)
    assert (raised.value.code, raised.value.close_code, server.knocks) == ("unauthenticated", 4501, 2)


@both
def test_the_token_of_an_open_socket_is_renewed_in_place(flavour: Flavour) -> None:
    heard = []

    def waits_for_another_token(visit: Visit) -> None:
        visit.join(6)
        visit.events(1, 3)
        heard.append(visit.command())
        visit.welcome()
        visit.events(4, 5)
        visit.event(cancelled(6))

    rest = Rest(httpx.Response(200, json=tokens(1, expires_in=2)), user(), httpx.Response(200, json=tokens(2)))
    with sockets(waits_for_another_token) as server:
        assert flavour.run(logged_in, url=server.url, rest=rest, key=None) == [1, 2, 3, 4, 5, 6]
    assert server.knocks == 1
    assert (heard[0]["type"], heard[0]["data"]) == ("authenticate", {"token": "access-2"})


@both
def test_a_silent_connection_is_given_up(flavour: Flavour) -> None:
    def says_nothing(visit: Visit) -> None:
        visit.welcome(timeout_ms=1000)
        visit.command()
        visit.until_left()

    with sockets(says_nothing, to_the_end) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2, 3, 4, 5, 6]


@both
def test_a_heartbeat_is_a_sign_of_life(flavour: Flavour) -> None:
    def beats(visit: Visit) -> None:
        visit.welcome(timeout_ms=1000)
        asked = visit.command()
        data = {
            "session_id": SESSION,
            "status": "in_progress",
            "epoch": EPOCH,
            "last_seq": 0,
            "recovered": True,
            "members": 1,
        }
        visit.send("session_joined", data, asked["id"])
        for _ in range(3):
            time.sleep(0.5)
            visit.send("heartbeat", {})
        visit.event(cancelled(1))

    with sockets(beats) as server:
        assert flavour.run(numbers, url=server.url) == [1]
    assert server.knocks == 1


def stream(*messages: tuple[str | None, dict[str, Any]]) -> httpx.Response:
    lines = []
    for name, message in messages:
        lines.append((f"id: {name}\n" if name else "") + f"event: {message['type']}\ndata: {json.dumps(message)}\n\n")
    return httpx.Response(200, text="".join(lines), headers={"Content-Type": "text/event-stream"})


def stream_joined(reason: str | None = None, epoch: str = EPOCH) -> tuple[None, dict[str, Any]]:
    data = {
        "session_id": SESSION,
        "status": "in_progress",
        "epoch": epoch,
        "last_seq": 6,
        "recovered": reason is None,
        "members": 1,
    }
    return None, {"type": "session_joined", "data": data | ({"reason": reason} if reason else {})}


def numbered(event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return f"{event['epoch']}:{event['seq']}", event


@both
def test_where_sockets_break_events_come_as_a_stream(flavour: Flavour) -> None:
    rest = Rest(
        stream(stream_joined(), *[numbered(progress(seq)) for seq in (1, 2)]),
        stream(stream_joined(), *[numbered(progress(seq)) for seq in (3, 4, 5)], numbered(cancelled(6))),
    )
    with sockets(404) as server:
        assert flavour.run(numbers, url=server.url, rest=rest) == [1, 2, 3, 4, 5, 6]
    # Three tries, and one more between two streams.
    assert server.knocks == 4
    assert rest.asked[0].headers["Authorization"] == "Bearer ja_test"
    assert "Last-Event-ID" not in rest.asked[0].headers
    assert rest.asked[1].headers["Last-Event-ID"] == f"{EPOCH}:2"


@both
def test_a_stream_of_another_log_begins_anew(flavour: Flavour) -> None:
    rest = Rest(
        stream(
            stream_joined("epoch_mismatch", OTHER_EPOCH),
            numbered(progress(1, epoch=OTHER_EPOCH)),
            numbered(cancelled(2, epoch=OTHER_EPOCH)),
        ),
        httpx.Response(200, json=evaluation(epoch=OTHER_EPOCH)),
    )
    items = flavour.run(lambda client: numbers(client, epoch=EPOCH, last_seq=9), rest=rest, sockets=False)
    assert items == ["epoch_mismatch", 1, 2]


@both
def test_a_token_that_ends_a_stream_is_renewed(flavour: Flavour) -> None:
    expired = {
        "type": "error",
        "error": {"code": "token_expired", "message": "it is over", "retryable": False},
    }
    rest = Rest(
        httpx.Response(200, json=tokens(1)),
        user(),
        stream(stream_joined(), numbered(progress(1)), (None, expired)),
        httpx.Response(200, json=tokens(2)),
        stream(stream_joined(), numbered(cancelled(2))),
    )
    assert flavour.run(logged_in, rest=rest, key=None, sockets=False) == [1, 2]
    assert rest.asked[4].headers["Authorization"] == "Bearer access-2"


@both
def test_an_evaluation_that_is_deleted_ends_the_iteration(flavour: Flavour) -> None:
    def deleted(visit: Visit) -> None:
        visit.join(2)
        visit.events(1, 2)
        visit.send("session_closed", {"session_id": SESSION, "reason": "deleted"})
        visit.until_left()

    with sockets(deleted) as server:
        assert flavour.run(numbers, url=server.url) == [1, 2]


@both
def test_a_session_that_is_not_there_is_an_error(flavour: Flavour) -> None:
    def not_found(visit: Visit) -> None:
        visit.welcome()
        name = visit.command()["id"]
        error = {"code": "not_found", "message": "no such session", "retryable": False}
        visit.event({"type": "error", "id": name, "error": error})
        visit.until_left()

    with sockets(not_found) as server, pytest.raises(AuditorError) as raised:
        flavour.run(numbers, url=server.url)
    assert (raised.value.code, server.knocks) == ("not_found", 1)


@both
def test_a_server_that_stays_away_is_an_error_in_the_end(flavour: Flavour) -> None:
    began = time.monotonic()
    rest = Rest(lambda request: problem(503, "draining", Retry_After="1"))
    limits = Limits(max_retries=0, max_outage_s=1.5)
    with sockets(503) as server, pytest.raises(AuditorError) as raised:
        flavour.run(numbers, url=server.url, rest=rest, limits=limits)
    assert raised.value.code == "network"
    assert time.monotonic() - began < 10


@both
def test_the_callers_time_is_kept(flavour: Flavour) -> None:
    def waits(visit: Visit) -> None:
        visit.join(0)
        visit.until_left()

    async def briefly(client: Any) -> None:
        async with client.follow(SESSION, timeout_s=0.5) as events:
            async for _ in events:
                raise AssertionError("nothing was sent")

    began = time.monotonic()
    with sockets(waits) as server, pytest.raises(AuditorError) as raised:
        flavour.run(briefly, url=server.url)
    assert raised.value.code == "timeout"
    assert 0.4 < time.monotonic() - began < 10


class Silent(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Says nothing, as long as it is listened to."""

    def __init__(self, request: httpx.Request) -> None:
        self._patience_s = request.extensions["timeout"]["read"]

    def __iter__(self) -> Any:
        time.sleep(self._patience_s)
        raise httpx.ReadTimeout("nothing came")
        yield b""

    async def __aiter__(self) -> Any:
        await asyncio.sleep(self._patience_s)
        raise httpx.ReadTimeout("nothing came")
        yield b""


@both
def test_the_callers_time_is_kept_by_a_stream_too(flavour: Flavour) -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Silent(request), headers={"Content-Type": "text/event-stream"})

    async def briefly(client: Any) -> None:
        async with client.follow(SESSION, timeout_s=0.5) as events:
            async for _ in events:
                raise AssertionError("nothing was sent")

    began = time.monotonic()
    with pytest.raises(AuditorError) as raised:
        flavour.run(briefly, rest=silent, sockets=False)
    assert raised.value.code == "timeout"
    assert time.monotonic() - began < 10


@both
def test_a_redirect_is_not_followed_with_the_key(flavour: Flavour) -> None:
    rest = Rest(problem(403, "forbidden"))
    with sockets(302) as server, pytest.raises(AuditorError):
        flavour.run(numbers, url=server.url, rest=rest)
    assert (server.knocks, server.visits) == (3, [])


@both
def test_an_audit_whose_time_is_over_is_cancelled(flavour: Flavour) -> None:
    def waits(visit: Visit) -> None:
        visit.join(0)
        visit.until_left()

    started = {"session_id": SESSION, "run_id": RUN, "status": "in_progress", "websocket_url": "/ws"}
    rest = Rest(
        httpx.Response(201, json=evaluation()),
        httpx.Response(202, json=started),
        httpx.Response(202, json={"session_id": SESSION, "run_id": RUN}),
    )
    with sockets(waits) as server, pytest.raises(AuditorError) as raised:
        flavour.run(lambda client: client.audit("a", "b", timeout_s=0.5), url=server.url, rest=rest)
    assert raised.value.code == "timeout"
    assert rest.calls[2] == f"POST /evaluations/{SESSION}/cancel"
