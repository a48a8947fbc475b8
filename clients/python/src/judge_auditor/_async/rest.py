"""HTTP requests, asked again where that can help and does no harm."""

from __future__ import annotations

import time
from typing import BinaryIO

import httpx

from ..backoff import Backoff
from ..errors import AuditorError
from ..request import Answer, Request
from ..settings import Limits
from .io import HTTPClient, sleep

#: The server did not do what was asked, and says so.
_NOTHING_DONE = frozenset({"rate_limited", "draining"})


class Rest:
    def __init__(self, url: str, http: HTTPClient, limits: Limits) -> None:
        self._url = url
        self._http = http
        self._limits = limits
        self._backoff = Backoff()

    @property
    def socket_url(self) -> str:
        return "ws" + self._url.removeprefix("http") + "/ws"

    async def send(self, request: Request, token: str | None = None) -> Answer:
        """A successful answer; everything else is raised as an `AuditorError`."""
        for attempt in range(self._limits.max_retries + 1):
            try:
                return await self._once(request, token)
            except AuditorError as error:
                unsent = isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
                harmless = request.may_be_repeated or unsent or error.code in _NOTHING_DONE
                wait_s = self._backoff.wait_s(attempt, error.retry_after_s)
                last = attempt == self._limits.max_retries
                if last or not error.retryable or not harmless or wait_s > self._limits.max_retry_wait_s:
                    raise
            await sleep(wait_s)
        raise AssertionError("the last try returns or raises")

    async def open(
        self, request: Request, token: str | None = None, read_timeout_s: float | None = None
    ) -> httpx.Response:
        """A successful answer whose content is not read yet; whoever gets it closes it."""
        response = await self._begin(request, token, read_timeout_s)
        if response.is_success:
            return response
        answer = await self._read(response)
        raise AuditorError.of_answer(answer.status, answer.headers, answer.content)

    async def download(self, request: Request, to: BinaryIO, token: str | None = None) -> int:
        """Writes the content, which may be large, and says how many bytes it had."""
        response = await self.open(request, token)
        written = 0
        try:
            async for piece in response.aiter_bytes():
                written += to.write(piece)
        except httpx.HTTPError as fault:
            raise AuditorError.network(fault) from fault
        finally:
            await response.aclose()
        return written

    async def _once(self, request: Request, token: str | None) -> Answer:
        answer = await self._read(await self._begin(request, token))
        if 200 <= answer.status < 300:
            return answer
        raise AuditorError.of_answer(answer.status, answer.headers, answer.content)

    async def _begin(self, request: Request, token: str | None, read_timeout_s: float | None = None) -> httpx.Response:
        headers = {"Accept": "application/json", **request.headers}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if request.file is not None:
            headers["Content-Type"], content = request.file
        else:
            content = None
        timeout = httpx.Timeout(self._limits.timeout_s, read=read_timeout_s or self._limits.timeout_s)
        try:
            asked = self._http.build_request(
                request.method,
                self._url + request.address(),
                params=request.parameters(),
                headers=headers,
                json=request.body,
                content=content,
                timeout=timeout,
            )
            return await self._http.send(asked, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise AuditorError.network(fault) from fault

    async def _read(self, response: httpx.Response) -> Answer:
        content = bytearray()
        end = time.monotonic() + self._limits.max_answer_s
        try:
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > self._limits.max_answer_bytes:
                    raise AuditorError("bad_answer", "The server's answer is longer than this client takes.")
                if time.monotonic() > end:
                    raise AuditorError("network", "The server's answer comes too slowly.")
        except httpx.HTTPError as fault:
            raise AuditorError.network(fault) from fault
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, bytes(content))
