"""The lines of `text/event-stream`, as far as the server uses them: the data of each event."""

from __future__ import annotations

import codecs

from .errors import AuditorError

#: No event of the server is nearly as long.
MAX_EVENT_CHARS = 16 * 1024 * 1024


class EventStreamParser:
    """Is fed with bytes as they come."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._data: list[str] = []
        self._held = 0

    def feed(self, piece: bytes) -> list[str]:
        """The data of each event that is now complete."""
        text = self._rest + self._decoder.decode(piece)
        # A line end may be in two bytes, of which only the first is here.
        cut = len(text) - 1 if text.endswith("\r") else len(text)
        lines = text[:cut].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + text[cut:]
        complete: list[str] = []
        for line in lines:
            if line == "":
                if self._data:
                    complete.append("\n".join(self._data))
                self._data, self._held = [], 0
            elif line.startswith("data:"):
                value = line[5:].removeprefix(" ")
                self._held += len(value)
                self._data.append(value)
        if self._held + len(self._rest) > MAX_EVENT_CHARS:
            raise AuditorError("bad_answer", "The server's event stream has an event without an end.")
        return complete
