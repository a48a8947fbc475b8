"""Input and output with asyncio.

`_sync/io.py` offers the same with threads. Everything else in `_sync` is made from this folder by
`tools/make_sync.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from ..socket_settings import (
    CLOSE_S,
    MAX_MESSAGE_BYTES,
    MAX_WAITING_FRAMES,
    SUBPROTOCOL,
    Lost,
    lost_by_close,
    lost_by_status,
)

HTTPClient = httpx.AsyncClient
Lock = asyncio.Lock
Semaphore = asyncio.Semaphore
sleep = asyncio.sleep


class _Connection(ClientConnection):
    """Follows no redirect, whatever the library does: the token is for the address that the caller named."""

    async def handshake(self, *values: Any, **named: Any) -> None:
        try:
            await super().handshake(*values, **named)
        except InvalidStatus as refused:
            if refused.response.status_code in range(300, 400):
                raise InvalidHandshake("the server answered with a redirect, which is not followed") from refused
            raise


class Socket:
    """Text messages over one WebSocket. What is not read yet is bounded; then the server waits."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, url: str, token: str, timeout_s: float) -> Socket:
        try:
            connection = await connect(
                url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers={"Authorization": f"Bearer {token}"},
                compression=None,
                open_timeout=timeout_s,
                close_timeout=CLOSE_S,
                # The server pings, and says something often enough to be missed.
                ping_interval=None,
                max_size=MAX_MESSAGE_BYTES,
                max_queue=MAX_WAITING_FRAMES,
                create_connection=_Connection,
            )
        except InvalidStatus as refused:
            raise lost_by_status(refused.response.status_code, refused.response.headers) from refused
        except (OSError, TimeoutError, WebSocketException) as fault:
            raise Lost(str(fault)) from fault
        return cls(connection)

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise lost_by_close(closed) from closed

    async def receive(self, timeout_s: float) -> str | None:
        """The next message; None where none came in time."""
        try:
            async with asyncio.timeout(max(timeout_s, 0)):
                return await self._connection.recv(decode=True)
        except TimeoutError:
            return None
        except UnicodeDecodeError:
            # Not of the contract, as any other message that can't be read.
            return ""
        except ConnectionClosed as closed:
            raise lost_by_close(closed) from closed

    async def close(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            await self._connection.close()
