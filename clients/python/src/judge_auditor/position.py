"""Where somebody stands in the log of a session."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    epoch: str | None = None
    """Names the log; needed with a `last_seq` over 0."""
    last_seq: int = 0
    """The last event that is known."""

    def __post_init__(self) -> None:
        if self.last_seq < 0:
            raise ValueError("last_seq must be 0 or more")
        if self.last_seq > 0 and self.epoch is None:
            raise ValueError("a last_seq over 0 needs the epoch that it was counted in")
