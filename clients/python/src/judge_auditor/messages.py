"""What comes over the socket or the event stream, as far as the client can read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from .evaluation import Evaluation
from .models import EvaluationCancelledEvent, EvaluationCompleteEvent, EvaluationErrorEvent, SessionEvent

_EVENT: TypeAdapter[SessionEvent] = TypeAdapter(SessionEvent)


#: What concerns the connection and wants something done.
HEEDED_CONTROLS = frozenset({"drain", "session_closed"})
#: Of these, to be heard is enough: tokens are renewed by this client's own clock, well before the server warns.
HEARD_CONTROLS = frozenset({"heartbeat", "token_expiring"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a command, or what concerns the connection."""

    type: str
    id: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """The log is another one than the client knew: forget what came of the old one.

    All events of the new log come after this, from `seq` 1.
    """

    reason: str
    """`epoch_mismatch` or `future_position`."""
    evaluation: Evaluation
    """The state now."""
    type: Literal["gap"] = "gap"


def decode(frame: str) -> SessionEvent | Reply | None:
    """None for what this client can't read."""
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return None
    if "seq" in message:
        return event_of(message)
    data = message.get("error") if message["type"] == "error" else message.get("data")
    name = message.get("id")
    return Reply(message["type"], name if isinstance(name, str) else None, data) if isinstance(data, dict) else None


def event_of(message: Any) -> SessionEvent | None:
    """An event of the log.

    One of a kind that is not known yet is one too: it has its number, and without it there would be a hole.
    """
    try:
        return _EVENT.validate_python(message)
    except ValidationError:
        return None


def is_terminal(event: SessionEvent) -> bool:
    """Whether a run ends with it."""
    if isinstance(event, EvaluationErrorEvent):
        return event.data.fatal
    return isinstance(event, EvaluationCompleteEvent | EvaluationCancelledEvent)
