"""The client is the server's: types, routes, their parameters, codes, and every message on the wire."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from judge_auditor import close_codes, errors, models
from judge_auditor.messages import HEARD_CONTROLS, HEEDED_CONTROLS, Reply, decode
from judge_auditor.models import Model, UnknownEvent
from real import Server, real

HERE = Path(__file__).resolve().parent
CLIENT = HERE.parent
REPOSITORY = CLIENT.parent.parent
#: For pages, which have a cookie jar.
FOR_BROWSERS = {"cookie"}

Routes = dict[tuple[str, str], dict[str, set[str]]]


def tool(name: str, *arguments: str) -> None:
    command = [sys.executable, str(CLIENT / "tools" / name), *arguments, "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_the_client_with_threads_is_made_of_the_other() -> None:
    tool("make_sync.py")


@real
def test_types_events_and_codes_are_those_of_the_servers_documents(server: Server) -> None:
    tool("make_models.py", server.url)


def _keys(node: ast.expr | None, names: dict[str, ast.expr]) -> set[str]:
    if isinstance(node, ast.Name):
        node = names.get(node.id)
    if isinstance(node, ast.Call):
        node = node.args[0]
    if not isinstance(node, ast.Dict):
        return set()
    return {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def asked_for() -> Routes:
    """Every request of the client's source: the names in its query and in its body."""
    found: Routes = defaultdict(lambda: {"query": set(), "body": set()})
    for path in (CLIENT / "src" / "judge_auditor" / "_async").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
                continue
            names = {
                target.id: node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Request":
                    method, route = (argument.value for argument in call.args[:2])  # type: ignore[attr-defined]
                    for keyword in call.keywords:
                        if keyword.arg in {"query", "body"}:
                            found[method, route][keyword.arg] |= _keys(keyword.value, names)
                    assert found[method, route] is not None
    return found


def offered(document: dict[str, Any]) -> Routes:
    """The same of the OpenAPI document."""
    schemas = document["components"]["schemas"]

    def members(schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        several = schema.get("oneOf") or schema.get("anyOf") or []
        return set(schema.get("properties", {})).union(*(members(each) for each in several))

    routes: Routes = {}
    for path, item in document["paths"].items():
        if not path.startswith("/api/v1/"):
            continue
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            parameters = operation.get("parameters", [])
            routes[method.upper(), path.removeprefix("/api/v1")] = {
                "query": {each["name"] for each in parameters if each["in"] == "query"},
                "body": members(content.get("schema", {})) - FOR_BROWSERS,
            }
    return routes


@real
def test_every_route_is_there_with_all_that_it_takes(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/api/v1/openapi.json", timeout=60) as answer:
        expected = offered(json.load(answer))
    found = asked_for()
    # One schema for both, of which an end has no use for the id.
    expected["POST", "/auth/logout"]["body"].discard("client_request_id")
    # The caller's own dictionary is the body.
    found["PUT", "/preferences"]["body"] = expected["PUT", "/preferences"]["body"]
    assert found == expected


def page(name: str) -> str:
    return (REPOSITORY / "docs" / "reference" / name).read_text()


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_the_close_codes_are_those_of_the_page() -> None:
    table = {int(row[0]): row[2] for row in rows(page("protocol.md")) if row[0].isdigit()}
    assert set(table) == set(close_codes.MEANINGS)
    for code, come_back in table.items():
        assert close_codes.may_come_back(code) == come_back.startswith("yes"), code


def test_the_error_codes_are_those_of_the_page() -> None:
    table = {row[0].strip("`"): row[2] for row in rows(page("errors.md")) if len(row) == 4 and row[2] in {"yes", "no"}}
    assert set(table) == models.SERVER_CODES
    own = errors.RETRYABLE - errors.CLIENT_CODES
    assert own == {code for code, retryable in table.items() if retryable == "yes"}
    assert not errors.CLIENT_CODES & models.SERVER_CODES


def test_every_error_of_the_client_has_a_code_of_the_list() -> None:
    sources = "".join(path.read_text() for path in (CLIENT / "src").rglob("*.py"))
    used = set(re.findall(r'(?:AuditorError|AuditFailed|raised)\(\s*"([a-z_]+)"', sources)) | {"signed_out", "network"}
    assert used <= errors.CLIENT_CODES | models.SERVER_CODES
    assert len(used) > 8


def test_every_message_about_the_connection_is_known() -> None:
    assert HEARD_CONTROLS | HEEDED_CONTROLS == models.CONTROLS


def unknown_members(value: Any, where: str = "") -> list[str]:
    """Members that the types do not have, at any depth."""
    found: list[str] = []
    if isinstance(value, Model):
        found += [f"{where}.{name}" for name in value.model_extra or {}]
        for name in type(value).model_fields:
            found += unknown_members(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for each in value:
            found += unknown_members(each, f"{where}[]")
    return found


EXAMPLES = sorted((REPOSITORY / "tests" / "wire").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_message_on_the_wire_can_be_read(path: Path) -> None:
    group = path.name.split(".")[0]
    if group == "command":
        return
    message = decode(path.read_text())
    assert message is not None
    if group == "event":
        assert not isinstance(message, Reply | UnknownEvent)
        assert unknown_members(message) == []
    else:
        assert isinstance(message, Reply)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 30


def test_values_and_members_of_a_later_release_are_kept() -> None:
    path = next(path for path in EXAMPLES if path.name == "event.claim_verdict.json")
    message = json.loads(path.read_text())
    message["data"] |= {"label": "HALF_SUPPORTED", "shade": 7}
    event = decode(json.dumps(message))
    assert isinstance(event, models.ClaimVerdictEvent)
    assert event.data.label == "HALF_SUPPORTED"
    assert event.data.model_extra == {"shade": 7}
