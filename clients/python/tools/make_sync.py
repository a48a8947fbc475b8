#!/usr/bin/env python3
"""Makes `_sync` of `_async`: the same code with threads instead of asyncio.

usage: make_sync.py [--check]
With --check nothing is written, and the exit code is 1 where a file would be another one.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "judge_auditor"
#: These say the same by hand, since here the libraries differ.
BY_HAND = {"__init__.py", "io.py"}

#: In this order.
REPLACEMENTS = [
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(iter|next|enter|exit)__\b", r"__\1__"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\baiter_bytes\b", "iter_bytes"),
    (r"\baclose\b", "close"),
    (r", with asyncio\b", ", with threads"),
]


def made(name: str, text: str) -> str:
    for pattern, replacement in REPLACEMENTS:
        text = re.sub(pattern, replacement, text)
    note = f"# Made of _async/{name} by tools/make_sync.py.\n"
    return note + text


def main() -> int:
    check = "--check" in sys.argv[1:]
    names = {path.name for path in (PACKAGE / "_async").glob("*.py")} - BY_HAND
    stale = []
    for name in sorted(names):
        text = made(name, (PACKAGE / "_async" / name).read_text())
        target = PACKAGE / "_sync" / name
        if not target.exists() or target.read_text() != text:
            stale.append(name)
            if not check:
                target.write_text(text)
    for path in (PACKAGE / "_sync").glob("*.py"):
        if path.name not in names | BY_HAND:
            stale.append(path.name)
            if not check:
                path.unlink()
    if check and stale:
        print(f"_sync is not what tools/make_sync.py makes of _async: {', '.join(stale)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
