"""The real server and the real program."""

from __future__ import annotations

import asyncio
import io
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flavours import Flavour, both
from judge_auditor import AuditorError, Client, NotSupported, assert_supported, audit, audit_async
from real import PASSWORD, Server, account, real, signed_in

pytestmark = real

SOURCE = "The Halden Bridge opened to traffic on 14 May 1987. It is 1,180 metres long. 🥐 It carries two lanes."
WRONG = "The Halden Bridge opened on 14 May 1987. It is 1,850 metres long."
RIGHT = "The Halden Bridge opened to traffic on 14 May 1987. It is 1,180 metres long."
NO_CLAIM = "Thank you for your question!"


async def everything(client: Any) -> None:
    name = await signed_in(client)
    assert (await client.account.me()).username == name
    judges = (await client.judges()).items
    assert {judge.name for judge in judges} >= {"facts", "logic", "lexical"}

    made = await client.evaluations.create(SOURCE, WRONG, question="How long?", config={"judges": ["facts", "logic"]})
    assert (made.source_text, made.candidate_output, made.question) == (SOURCE, WRONG, "How long?")
    assert (await client.evaluations.estimate(made.id)).fits
    with pytest.raises(AuditorError) as raised:
        await client.evaluations.cancel(made.id)
    assert raised.value.code == "not_running"
    run = await client.evaluations.start(made.id, client_request_id="a start")
    again = await client.evaluations.start(made.id, client_request_id="a start")
    assert again.run_id == run.run_id
    async with client.follow(made.id, run_id=run.run_id, timeout_s=60) as events:
        followed = [event async for event in events]
    assert [event.seq for event in followed] == list(range(1, len(followed) + 1))
    assert followed[-1].type == "evaluation_complete"
    log = await client.evaluations.events(made.id, limit=500)
    assert log.events == followed

    done = await client.evaluations.get(made.id)
    assert done.result == followed[-1].data.result
    assert [claim.label for claim in done.claims] == ["SUPPORTED", "REFUTED"]
    assert "contradicted: It is 1,850 metres long." in done.report()
    assert done.faithfulness.flagged
    listed = await client.evaluations.list(q="Halden", status="completed", sort="consensus_score", order="asc")
    assert [item.id for item in listed.items] == [made.id]
    assert [item.id async for item in client.evaluations.all()] == [made.id]

    for kind, begins in {"json": b"{", "csv": b"", "html": b"<!", "pdf": b"%PDF"}.items():
        file, content = await client.evaluations.export(made.id, kind)
        assert file.endswith(f".{kind}")
        assert content.lower().startswith(begins.lower())
    opinion = await client.evaluations.feedback.create(made.id, claim_id=done.claims[0].id, label="SUPPORTED")
    assert (await client.evaluations.feedback.list(made.id)).items == [opinion]
    link = await client.evaluations.shares.create(made.id, expires_in_s=60)
    shared = await client.shared(link.url.rsplit("/", 1)[1])
    assert shared.result == done.result
    assert [share.id for share in (await client.evaluations.shares.list(made.id)).items] == [link.id]
    await client.evaluations.shares.revoke(made.id, link.id)
    assert (await client.evaluations.shares.list(made.id)).items == []

    assert (await client.statistics(days=7)).evaluations.total == 1
    assert (await client.usage()).today.calls == 0
    kept = await client.preferences.put({"judges": ["facts"], "theme": "dark"})
    assert kept["judges"] == ["facts"]
    assert await client.preferences.get() == kept
    await client.evaluations.delete(made.id)
    with pytest.raises(AuditorError) as raised:
        await client.evaluations.get(made.id)
    assert raised.value.code == "not_found"

    collection = await client.collections.create("bridges")
    text = await client.collections.documents.create(collection.id, "halden.txt", SOURCE)
    page = await client.collections.documents.upload(collection.id, "a.html", b"<p>A ferry sails.</p>", "text/html")
    assert {item.id for item in (await client.collections.documents.list(collection.id)).items} == {text.id, page.id}
    assert (await client.collections.documents.get(collection.id, text.id)).text == SOURCE
    assert (await client.collections.search(collection.id, "bridge metres", limit=1)).items[0].document_id == text.id
    assert (await client.collections.get(collection.id)).documents == 2
    assert [item.id for item in (await client.collections.list()).items] == [collection.id]
    await client.collections.documents.delete(collection.id, page.id)
    await client.collections.delete(collection.id)

    key = await client.account.keys.create("robot", ["read"], expires_in_s=3600, addresses=["127.0.0.0/8"])
    assert key.key.startswith(key.prefix)
    assert [item.id for item in (await client.account.keys.list()).items] == [key.id]
    assert (await client.usage(key=key.id)).items == []
    await client.account.keys.revoke(key.id)
    assert (await client.account.keys.list()).items == []

    archive = io.BytesIO()
    await client.account.export(archive)
    assert zipfile.ZipFile(archive).testzip() is None
    await client.account.change_password(PASSWORD, "another long password")
    await client.account.logout()
    with pytest.raises(AuditorError) as raised:
        await client.account.me()
    assert raised.value.code == "signed_out"
    await client.account.login(name, "another long password")
    await client.account.delete("another long password")
    with pytest.raises(AuditorError) as raised:
        await client.account.login(name, "another long password")
    assert raised.value.code == "invalid_credentials"


@both
def test_every_call_does_what_it_says(flavour: Flavour, server: Server) -> None:
    flavour.run(everything, url=server.url, key=None)


@both
def test_events_come_as_a_stream_too(flavour: Flavour, server: Server) -> None:
    async def streamed(client: Any) -> list[int]:
        await signed_in(client)
        seen: list[int] = []
        await client.audit(SOURCE, WRONG, on_event=lambda event: seen.append(event.seq))
        return seen

    seen = flavour.run(streamed, url=server.url, key=None, sockets=False)
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 3


@both
def test_a_log_longer_than_a_replay_is_read_whole(flavour: Flavour, tmp_path: Path) -> None:
    short = Server(tmp_path, AUDITOR_LIMITS__REPLAY_EVENTS="2")
    short.start()

    async def late(client: Any) -> list[int]:
        await signed_in(client)
        done = await client.audit(SOURCE, WRONG)
        async with client.follow(done.id, run_id=done.run_id, timeout_s=60) as events:
            return [event.seq async for event in events]

    seen = flavour.run(late, url=short.url, key=None)
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 3
    assert short.drain() == 0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path, AUDITOR_SERVER__DRAIN_MS="1000")
    running.start()
    yield running
    running.kill()


@pytest.mark.parametrize(("flavour", "end"), [(Flavour("threads"), "kill"), (Flavour("asyncio"), "drain")])
def test_a_server_that_is_started_again_loses_no_event(flavour: Flavour, own_server: Server, end: str) -> None:
    sentences = [f"The bridge number {number} is {number + 100} metres long." for number in range(60)]

    async def across(client: Any) -> list[Any]:
        await signed_in(client)
        made = await client.evaluations.create(" ".join(sentences), " ".join(sentences), config={"judges": ["facts"]})
        run = await client.evaluations.start(made.id)
        seen = []
        async with client.follow(made.id, run_id=run.run_id, timeout_s=120) as events:
            async for event in events:
                seen.append(event)
                if len(seen) == 10:
                    # The followers of both flavours stand still meanwhile, as slow readers do.
                    getattr(own_server, end)()
                    own_server.start()
        log = await client.evaluations.events(made.id, limit=500)
        assert log.events == seen
        return seen

    seen = flavour.run(across, url=own_server.url, key=None)
    assert [event.seq for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].type == "evaluation_complete"


def key_of(server: Server) -> str:
    """An access token stands for a key: the header is the same."""
    with Client(server.url) as client:
        made = account()
        client.account.register(**made)
        client.account.login(made["username"], made["password"])
        token = client._access.current
    assert token is not None
    return token


def test_one_line_with_a_server(server: Server) -> None:
    assert [claim.label for claim in audit(SOURCE, WRONG, server=server.url, key=key_of(server)).failing_claims] == [
        "REFUTED"
    ]


def test_one_line_with_a_server_and_asyncio(server: Server) -> None:
    evaluation = asyncio.run(audit_async(SOURCE, RIGHT, server=server.url, key=key_of(server), judges=["facts"]))
    assert evaluation.failing_claims == []
    assert evaluation.config.judges == ["facts"]


def test_many_audits_at_once(server: Server) -> None:
    with Client(server.url, key=key_of(server)) as client, ThreadPoolExecutor(12) as pool:
        done = list(pool.map(lambda _: client.audit(SOURCE, WRONG), range(16)))
    assert {len(each.failing_claims) for each in done} == {1}


def test_a_judge_that_is_not_there_is_told(server: Server) -> None:
    with pytest.raises(AuditorError, match="/config/judges/0") as raised:
        audit(SOURCE, WRONG, server=server.url, key=key_of(server), judges=["nobody"])
    assert raised.value.code == "validation"


def test_one_line_with_the_program(binary: str) -> None:
    evaluation = audit(SOURCE, WRONG, binary=binary)
    assert [claim.text for claim in evaluation.failing_claims] == ["It is 1,850 metres long."]
    assert evaluation.source_text == SOURCE


def test_one_line_with_the_program_and_asyncio(binary: str) -> None:
    assert asyncio.run(audit_async(SOURCE, RIGHT, binary=binary)).failing_claims == []


def test_the_program_on_the_path_is_found(binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Path(binary).parent)
    assert shutil.which("judge-auditor", path=folder), "the program has another name"
    monkeypatch.setenv("PATH", folder)
    assert audit(SOURCE, RIGHT).failing_claims == []


def test_what_the_program_does_not_know_is_told(binary: str) -> None:
    with pytest.raises(AuditorError, match="nobody") as raised:
        audit(SOURCE, WRONG, binary=binary, judges=["nobody"])
    assert raised.value.code == "bad_usage"


def test_a_supported_text_passes(binary: str) -> None:
    assert not assert_supported(SOURCE, RIGHT, binary=binary).faithfulness.flagged  # type: ignore[union-attr]


def test_a_wrong_text_does_not_pass(binary: str) -> None:
    with pytest.raises(NotSupported, match=r"It is 1,850 metres long\.") as raised:
        assert_supported(SOURCE, WRONG, binary=binary)
    assert "1,180 metres" in str(raised.value)


def test_the_threshold_decides(binary: str) -> None:
    assert assert_supported(SOURCE, WRONG, 0.0, binary=binary).failing_claims
    with pytest.raises(NotSupported, match=r"1\.00 is needed"):
        assert_supported(SOURCE, RIGHT, 1.0, binary=binary)


def test_nothing_to_check_does_not_pass(binary: str) -> None:
    with pytest.raises(NotSupported, match="nothing to check"):
        assert_supported(SOURCE, NO_CLAIM, binary=binary)
    assert assert_supported(SOURCE, NO_CLAIM, binary=binary, allow_nothing_to_check=True).nothing_to_check
