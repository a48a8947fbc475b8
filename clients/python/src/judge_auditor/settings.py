"""What a client is made with where the caller does not say."""

from __future__ import annotations

import os
from dataclasses import dataclass

DEFAULT_URL = "http://127.0.0.1:8000"
URL_VARIABLE = "JUDGE_AUDITOR_URL"
KEY_VARIABLE = "JUDGE_AUDITOR_KEY"
BINARY_VARIABLE = "JUDGE_AUDITOR_BINARY"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a server can make this client do."""

    timeout_s: float = 60.0
    """For the connection and between two pieces of an answer."""
    max_retries: int = 4
    max_retry_wait_s: float = 65.0
    """A server that asks for more patience gets none: the error is raised at once."""
    max_answer_bytes: int = 64 * 1024 * 1024
    max_answer_s: float = 300.0
    """For the whole content of an answer."""
    max_outage_s: float = 300.0
    """How long a session that is followed may be out of reach before an error is raised."""
    max_audits: int = 8
    """Audits of one client at a time, each of which has a connection; others wait."""


def server_url(url: str | None) -> str:
    """The address without a slash at its end; `JUDGE_AUDITOR_URL` or this machine where none is given."""
    chosen = (url or os.environ.get(URL_VARIABLE) or DEFAULT_URL).rstrip("/")
    if not chosen.startswith(("http://", "https://")):
        raise ValueError(f"the server's address must begin with http:// or https://, not {chosen!r}")
    return chosen


def server_key(key: str | None) -> str | None:
    chosen = key if key is not None else os.environ.get(KEY_VARIABLE)
    if not chosen:
        return None
    # Anything else could not stand in a header, and the error of the HTTP library would show the key.
    if not (chosen.isascii() and chosen.isprintable() and " " not in chosen):
        raise ValueError("the key holds characters that no key has; was it copied whole?")
    return chosen
