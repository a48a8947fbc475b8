"""Input and output with threads: the same as `_async/io.py`."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
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

HTTPClient = httpx.Client
Lock = threading.Lock
Semaphore = threading.Semaphore
sleep = time.sleep


class _Connection(ClientConnection):
    """Follows no redirect, whatever the library does: the token is for the address that the caller named."""

    def handshake(self, *values: Any, **named: Any) -> None:
        try:
            super().handshake(*values, **named)
        except InvalidStatus as refused:
            if refused.response.status_code in range(300, 400):
                raise InvalidHandshake("the server answered with a redirect, which is not followed") from refused
            raise


class Socket:
    """Text messages over one WebSocket. What is not read yet is bounded; then the server waits."""

    def __init__(self, connection: ClientConnection, opened: contextlib.ExitStack) -> None:
        self._connection = connection
        self._opened = opened

    @classmethod
    def open(cls, url: str, token: str, timeout_s: float) -> Socket:
        opened = contextlib.ExitStack()
        try:
            # It wants to be a context manager.
            connector = connect(
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
            connection = opened.enter_context(connector)
        except InvalidStatus as refused:
            raise lost_by_status(refused.response.status_code, refused.response.headers) from refused
        except (OSError, TimeoutError, WebSocketException) as fault:
            raise Lost(str(fault)) from fault
        return cls(connection, opened)

    def send(self, text: str) -> None:
        try:
            self._connection.send(text)
        except ConnectionClosed as closed:
            raise lost_by_close(closed) from closed

    def receive(self, timeout_s: float) -> str | None:
        """The next message; None where none came in time."""
        try:
            return self._connection.recv(max(timeout_s, 0), decode=True)
        except TimeoutError:
            return None
        except UnicodeDecodeError:
            # Not of the contract, as any other message that can't be read.
            return ""
        except ConnectionClosed as closed:
            raise lost_by_close(closed) from closed

    def close(self) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            self._opened.close()
