"""The same test for both clients: what is written once with `await` runs with threads too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from judge_auditor import AsyncClient, Client

Task = Callable[[Any], Awaitable[Any]]


class Awaited:
    """A thing of the client with threads, whose methods can be awaited."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, "close" if name == "aclose" else name)
        if name in {"follow", "all"}:
            return lambda *values, **named: AwaitedIterator(value(*values, **named))
        if type(value).__module__.startswith("judge_auditor._sync"):
            return Awaited(value)
        if not callable(value):
            return value

        async def call(*values: Any, **named: Any) -> Any:
            return value(*values, **named)

        return call


class AwaitedIterator(Awaited):
    def __aiter__(self) -> AsyncIterator[Any]:
        return self  # type: ignore[return-value]

    async def __anext__(self) -> Any:
        for item in self._target:
            return item
        raise StopAsyncIteration

    async def __aenter__(self) -> AwaitedIterator:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._target.close()


class Flavour:
    def __init__(self, name: str) -> None:
        self.name = name

    def run(
        self,
        task: Task,
        *,
        url: str = "http://auditor.invalid",
        rest: Callable[[httpx.Request], httpx.Response] | None = None,
        key: str | None = "ja_test",
        **options: Any,
    ) -> Any:
        """Runs the task with a client of this flavour; `rest` answers its requests in place of a network."""
        return asyncio.run(self._run(task, url, rest, key, options))

    async def _run(self, task: Task, url: str, rest: Any, key: str | None, options: dict[str, Any]) -> Any:
        transport = None if rest is None else httpx.MockTransport(rest)
        if self.name == "threads":
            http = httpx.Client(transport=transport, trust_env=False)
            with http, Client(url, key=key, http=http, **options) as client:
                return await task(Awaited(client))
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False) as http_async,
            AsyncClient(url, key=key, http=http_async, **options) as client_async,
        ):
            return await task(client_async)


both = pytest.mark.parametrize("flavour", [Flavour("threads"), Flavour("asyncio")], ids=lambda flavour: flavour.name)
