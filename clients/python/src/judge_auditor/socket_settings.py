"""How a socket is opened, and how its end is told."""

from __future__ import annotations

from collections.abc import Mapping

from websockets.exceptions import ConnectionClosed

from .close_codes import WITHOUT_GOODBYE
from .errors import AuditorError

SUBPROTOCOL = "judge-auditor.v1"
#: For the TCP connection, the upgrade and the greeting together.
GREETING_S = 15.0
CLOSE_S = 5.0
#: No message of the server is nearly as long.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
#: More waits in the network, and the server learns of it.
MAX_WAITING_FRAMES = 16
_TOO_BIG = 1009


class Lost(Exception):
    """A connection that came to nothing or has ended; it may be had again."""

    def __init__(
        self,
        why: str = "",
        *,
        code: int = WITHOUT_GOODBYE,
        retry_after_s: float | None = None,
        wait: bool = True,
        error: AuditorError | None = None,
    ) -> None:
        super().__init__(why)
        self.code = code
        self.retry_after_s = retry_after_s
        #: Not where the server has already said when to come back.
        self.wait = wait
        self.error = error


def lost_by_close(closed: ConnectionClosed) -> Lost:
    if closed.rcvd is not None:
        return Lost(closed.rcvd.reason, code=closed.rcvd.code)
    if closed.sent is not None and closed.sent.code == _TOO_BIG:
        # Here it was the server's message that was too long: it would be again.
        message = "The server sent a message that is longer than this client takes."
        return Lost(message, error=AuditorError("bad_answer", message))
    return Lost("it ended without a goodbye")


def lost_by_status(status: int, headers: Mapping[str, str]) -> Lost:
    wait = headers.get("Retry-After", "")
    retry_after_s = float(wait) if wait.isascii() and wait.isdigit() else None
    return Lost(f"the server answered with status {status}", retry_after_s=retry_after_s)
