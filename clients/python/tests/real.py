"""The real server, where AUDITOR_BINARY names its program; on the database of AUDITOR_TEST_DATABASE, else SQLite."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

BINARY = os.environ.get("AUDITOR_BINARY")
DATABASE = os.environ.get("AUDITOR_TEST_DATABASE")
PASSWORD = "a long password"

#: Tests make more in a minute than a user may.
NO_LIMITS = ("LOGINS_PER_MINUTE", "REGISTRATIONS_PER_HOUR", "CONNECTIONS_PER_MINUTE", "STARTS_PER_MINUTE")
#: What each test marked `real` says where it can't run.
REASON = "AUDITOR_BINARY is not set: NOTHING was tried against the real program"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._settings = settings
        self._port = free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        assert BINARY is not None
        settings = {
            "AUDITOR_BIND": f"127.0.0.1:{self._port}",
            "AUDITOR_DATA_DIR": str(self._folder),
            "AUDITOR_TELEMETRY__PROMETHEUS_BIND": "",
            "AUDITOR_LOG": "warn",
            **{f"AUDITOR_LIMITS__{name}": "0" for name in NO_LIMITS},
            **({"DATABASE_URL": DATABASE} if DATABASE else {}),
            **self._settings,
        }
        with (self._folder / "stderr").open("a") as complaints:
            self._process = subprocess.Popen(
                [BINARY, "serve"],
                env={"PATH": os.environ["PATH"], **settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert "listens on" in said, (self._folder / "stderr").read_text()

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._end()

    def drain(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._end()

    def _end(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        code = self._process.wait(60)
        self._process.stdout.close()
        self._process = None
        assert "panicked at" not in (self._folder / "stderr").read_text()
        return code


def account() -> dict[str, Any]:
    name = f"python-{secrets.token_hex(6)}"
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD}


async def signed_in(client: Any) -> str:
    """Makes an account of its own for the client, and says its name."""
    made = account()
    await client.account.register(**made)
    await client.account.login(made["username"], made["password"])
    return str(made["username"])


real = pytest.mark.real
