#!/usr/bin/env python3
"""Makes `models.py` of the server's own documents, so that fields, events and codes are the server's.

usage: make_models.py http://127.0.0.1:8000 [--check]
With --check nothing is written, and the exit code is 1 where the file would be another one.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
import textwrap
import urllib.request
from pathlib import Path
from typing import Any

from pydantic import BaseModel

TARGET = Path(__file__).resolve().parent.parent / "src" / "judge_auditor" / "models.py"
WIDTH = 110
#: Bodies that callers build themselves; of the others each member is an argument of a method.
DICTIONARIES = {"ConfigRequest", "Preferences"}
#: What logs of the first release lack.
ABSENT_IN_OLD_LOGS = {
    ("Verdict", "probability"),
    ("ClaimLabel", "probability"),
    ("JudgeOpinion", "probability"),
}
#: Replies of the socket that the client reads.
REPLIES = {"SessionJoined", "Welcome"}

Schema = dict[str, Any]

HEAD = '''\
"""What the server answers and sends, made of its OpenAPI and AsyncAPI documents by tools/make_models.py.

Members that a later release adds are kept, and so are values of a list that this one does not know.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypedDict


class Model(BaseModel):
    """Can be read by the names of its members, and not be changed."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=(), populate_by_name=True)
'''

TAIL = '''\
class Event(Model):
    """One of a session's log."""

    session_id: Id
    run_id: Id
    epoch: str
    """The log's incarnation, when this was written."""
    seq: int = Field(ge=1)
    """Its place in the log."""
    ts: datetime
'''


def fetch(address: str, name: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/api/v1/{name}", timeout=60) as answer:
        document: dict[str, Any] = json.load(answer)
    return document


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rsplit("/", 1)[1]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


class Documents:
    def __init__(self, openapi: dict[str, Any], asyncapi: dict[str, Any]) -> None:
        self.schemas: dict[str, Schema] = openapi["components"]["schemas"] | asyncapi["components"]["schemas"]
        # The others are for whoever watches over the process.
        paths = {path: item for path, item in openapi["paths"].items() if path.startswith("/api/v1/")}
        operations = [operation for item in paths.values() for operation in item.values()]
        answers = [
            content["schema"]
            for operation in operations
            for status, response in operation["responses"].items()
            if status.startswith("2")
            for kind, content in (response.get("content") or {}).items()
            if kind == "application/json"
        ]
        messages = asyncapi["components"]["messages"]
        self.events = {
            name: message["payload"]["properties"]["data"]
            for name, message in messages.items()
            if "seq" in message["payload"]["properties"]
        }
        self.controls = [pointer["$ref"].rsplit("/", 1)[1] for pointer in asyncapi["operations"]["control"]["messages"]]
        self.codes: list[str] = self.schemas["ErrorCode"]["enum"]
        self.wanted = references(answers) | references(list(self.events.values())) | REPLIES | DICTIONARIES

    def in_order(self) -> list[str]:
        """Each behind what it is made of."""
        done: list[str] = []

        def add(name: str) -> None:
            for part in sorted(references(self.schemas[name])):
                if part != name and part not in done:
                    add(part)
            if name not in done:
                done.append(name)

        for name in sorted(self.wanted):
            add(name)
        return done


def kind_of(schema: Schema) -> str:
    """The annotation of a member, without whether it may be left out."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "const" in schema:
        return f"Literal[{json.dumps(schema['const'])}]"
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(kind_of(each) for each in schema[several]))
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return kind_of(schema["allOf"][0])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if not kinds:
        return "Any"
    return " | ".join(simple(kind, schema) for kind in kinds)


def simple(kind: str, schema: Schema) -> str:
    match kind:
        case "null":
            return "None"
        case "string":
            return {"date-time": "datetime", "date": "date"}.get(schema.get("format", ""), "str")
        case "integer":
            return "int"
        case "number":
            return "float"
        case "boolean":
            return "bool"
        case "array":
            if "prefixItems" in schema:
                return f"tuple[{', '.join(kind_of(each) for each in schema['prefixItems'])}]"
            return f"list[{kind_of(schema.get('items', {}))}]"
        case "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {kind_of(values) if isinstance(values, dict) else 'Any'}]"
    raise ValueError(f"a kind that is not known: {kind}")


def quoted(text: str | None, indent: str) -> list[str]:
    """A description as a docstring."""
    if not text:
        return []
    # A link of the server's own documentation has brackets around its name.
    text = re.sub(r"\[(`[^`]+`)\]", r"\1", text)
    text = " ".join(text.replace("\\", "\\\\").replace('"""', "'''").split())
    lines = textwrap.wrap(text, WIDTH - len(indent) - 6) or [""]
    if len(lines) == 1:
        return [f'{indent}"""{lines[0]}"""']
    return [f'{indent}"""{lines[0]}', *[f"{indent}{line}" for line in lines[1:]], f'{indent}"""']


def told(schema: Schema) -> str | None:
    """The description of a member, which stands one step further in where the member may be null."""
    inner = next((each["description"] for each in schema.get("oneOf", []) if "description" in each), None)
    return schema.get("description") or inner


def values_of(name: str, schema: Schema) -> list[str]:
    """A list of values, which a later release may make longer."""
    values = [json.dumps(value) for value in schema["enum"]]
    one = f"{name} = Literal[{', '.join(values)}] | str"
    lines = (
        [one]
        if len(one) <= WIDTH
        else [f"{name} = (", "    Literal[", *[f"        {v}," for v in values], "    ]", "    | str", ")"]
    )
    return lines + quoted(schema.get("description"), "")


def member(name: str, schema: Schema, required: bool) -> list[str]:
    kind = kind_of(schema)
    python = f"{name}_" if keyword.iskeyword(name) else name
    if hasattr(BaseModel, python):
        raise ValueError(f"a member may not be called {name}: pydantic has a method of that name")
    if not required and "None" not in kind.split(" | "):
        kind += " | None"
    default = None if required else "None"
    if python != name:
        given = f"default={default}, " if default else ""
        value = f' = Field({given}alias="{name}")'
    else:
        value = f" = {default}" if default else ""
    return [f"    {python}: {kind}{value}", *quoted(told(schema), "    ")]


def parts_of(schema: Schema) -> tuple[list[str], Schema]:
    """The bases of a class, and the schema of its own members."""
    if "allOf" not in schema:
        return [], schema
    bases = [kind_of(each) for each in schema["allOf"] if "$ref" in each]
    own = next((each for each in schema["allOf"] if "$ref" not in each), {})
    return bases, own


def class_of(name: str, schema: Schema) -> list[str]:
    bases, own = parts_of(schema)
    lines = [f"class {name}({', '.join(bases) or 'Model'}):", *quoted(schema.get("description"), "    ")]
    if len(lines) > 1:
        lines.append("")
    required = set(own.get("required", []))
    for each, of in own.get("properties", {}).items():
        if name == "EventsPage" and each == "events":
            of = {"type": "array", "items": {"$ref": "#/SessionEvent"}, "description": of.get("description")}
        lines += member(each, of, each in required and (name, each) not in ABSENT_IN_OLD_LOGS)
    return lines if lines[-1] else [*lines, "    pass"]


def dictionary_of(name: str, schema: Schema) -> list[str]:
    lines = [f"class {name}(TypedDict, total=False):", *quoted(schema.get("description"), "    "), ""]
    for each, of in schema["properties"].items():
        lines += [f"    {each}: {kind_of(of)}", *quoted(told(of), "    ")]
    return lines


def definition(name: str, schema: Schema) -> list[str]:
    if "enum" in schema:
        return values_of(name, schema)
    if name in DICTIONARIES:
        return dictionary_of(name, schema)
    if "properties" in schema or "allOf" in schema:
        return class_of(name, schema)
    return [f"{name} = {kind_of(schema)}", *quoted(schema.get("description"), "")]


def event_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")) + "Event"


def events_of(documents: Documents) -> list[list[str]]:
    blocks = [
        [f"class {event_name(name)}(Event):", f'    type: Literal["{name}"]', f"    data: {kind_of(data)}"]
        for name, data in documents.events.items()
    ]
    unknown = [
        "class UnknownEvent(Event):",
        '    """Of a kind that this release does not know. It has its place in the log all the same."""',
        "",
        "    type: str",
        "    data: dict[str, Any]",
    ]
    names = list(documents.events)
    table = [
        "EVENTS: Final[dict[str, type[Event]]] = {",
        *[f'    "{each}": {event_name(each)},' for each in names],
        "}",
    ]
    tag = [
        "def _tag(event: Any) -> str:",
        '    kind = event.get("type") if isinstance(event, dict) else getattr(event, "type", None)',
        '    return kind if kind in EVENTS else "unknown"',
    ]
    union = [
        "SessionEvent = Annotated[",
        *[
            f'    {"" if first else "| "}Annotated[{event_name(each)}, Tag("{each}")]'
            for first, each in zip([True] + [False] * len(names), names, strict=False)
        ],
        '    | Annotated[UnknownEvent, Tag("unknown")],',
        "    Discriminator(_tag),",
        "]",
    ]
    return [*blocks, unknown, table, tag, union]


def source(documents: Documents) -> str:
    blocks: list[list[str]] = [HEAD.rstrip().split("\n")]
    late = []
    for name in documents.in_order():
        block = definition(name, documents.schemas[name])
        (late if "SessionEvent" in "\n".join(block) else blocks).append(block)
    blocks.append(TAIL.rstrip().split("\n"))
    blocks += events_of(documents) + late
    codes = [f'        "{code}",' for code in documents.codes]
    blocks.append(["SERVER_CODES: Final = frozenset(", "    {", *codes, "    }", ")"])
    controls = [f'"{each}"' for each in documents.controls]
    blocks.append([f"CONTROLS: Final = frozenset({{{', '.join(controls)}}})"])
    return "\n\n\n".join("\n".join(block) for block in blocks) + "\n"


def main() -> int:
    arguments = [each for each in sys.argv[1:] if each != "--check"]
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    address = arguments[0].rstrip("/")
    made = source(Documents(fetch(address, "openapi.json"), fetch(address, "asyncapi.json")))
    if "--check" not in sys.argv:
        TARGET.write_text(made)
    elif TARGET.read_text() != made:
        print("models.py is not what the server's documents say: tools/make_models.py ADDRESS", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
