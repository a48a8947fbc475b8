from __future__ import annotations

import pytest

from judge_auditor import AuditorError, event_stream
from judge_auditor.event_stream import EventStreamParser

TEXT = (
    'id: a:1\nevent: x\ndata: {"é":1}\n\n: a word between\ndata: two\ndata:  lines\n\r\n'
    "data:last\r\n\r\ndata: not whole"
)
EXPECTED = ['{"é":1}', "two\n lines", "last"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_may_be_cut_anywhere(size: int) -> None:
    content = TEXT.encode()
    parser = EventStreamParser()
    found = [each for start in range(0, len(content), size) for each in parser.feed(content[start : start + size])]
    assert found == EXPECTED


@pytest.mark.parametrize("piece", [b"x" * 100, b"data: " + b"x" * 20 + b"\n"])
def test_an_event_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch, piece: bytes) -> None:
    monkeypatch.setattr(event_stream, "MAX_EVENT_CHARS", 1000)
    parser = EventStreamParser()
    with pytest.raises(AuditorError, match="without an end"):
        for _ in range(100):
            parser.feed(piece)
