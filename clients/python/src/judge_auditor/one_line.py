"""`audit(source, candidate)`: by a server where one is named, else by the installed program."""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import program
from ._async.client import AsyncClient
from ._sync.client import Client
from .errors import AuditorError
from .evaluation import Evaluation
from .settings import URL_VARIABLE


def audit(
    source: str,
    candidate: str,
    *,
    question: str | None = None,
    judges: Sequence[str] | None = None,
    server: str | None = None,
    key: str | None = None,
    binary: str | os.PathLike[str] | None = None,
    timeout_s: float = 600.0,
) -> Evaluation:
    """Audits `candidate` against `source`.

    A server is asked where `server` or `JUDGE_AUDITOR_URL` names one, and `binary` does not say otherwise; it
    wants a `key` (or `JUDGE_AUDITOR_KEY`). Else the installed program does it on this machine.
    """
    url = _server(server, binary)
    if url is None:
        asked = program.ProgramAudit(source, candidate, question, judges or ())
        return program.audit(asked, binary=binary, timeout_s=timeout_s)
    with Client(url, key=key) as client:
        return client.audit(source, candidate, question=question, judges=judges, timeout_s=timeout_s)


async def audit_async(
    source: str,
    candidate: str,
    *,
    question: str | None = None,
    judges: Sequence[str] | None = None,
    server: str | None = None,
    key: str | None = None,
    binary: str | os.PathLike[str] | None = None,
    timeout_s: float = 600.0,
) -> Evaluation:
    """The same with asyncio."""
    url = _server(server, binary)
    if url is None:
        asked = program.ProgramAudit(source, candidate, question, judges or ())
        return await program.audit_async(asked, binary=binary, timeout_s=timeout_s)
    async with AsyncClient(url, key=key) as client:
        return await client.audit(source, candidate, question=question, judges=judges, timeout_s=timeout_s)


def _server(server: str | None, binary: str | os.PathLike[str] | None) -> str | None:
    if server is not None and binary is not None:
        raise AuditorError("bad_usage", "Give a server or a binary, not both.")
    return server or (None if binary is not None else os.environ.get(URL_VARIABLE) or None)
