"""The Model Context Protocol's own client for Python, in both revisions, by HTTP and by pipes.

Registers, makes an API key, lists the tools, calls each, watches progress, and looks at what is refused. Exits with 1
and a sentence at the first deviation.

usage: mcp_tools.py http://127.0.0.1:PORT BINARY
"""

import asyncio
import json
import secrets
import sys
import urllib.request

import httpx2
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

SOURCE = "The lighthouse of Skarv was built in 1911 and is 34 metres tall. It was automated in 1986."
SOURCES = [
    {"name": "lighthouse", "text": SOURCE},
    {"name": "museum", "text": "The museum opens in May and closes in September."},
]


class Deviation(Exception):
    """The server did something that it should not."""


def expect(condition, sentence):
    if not condition:
        raise Deviation(sentence)


def post(address, path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"{address}/api/v1{path}", json.dumps(body).encode(), headers, method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)


def key_of(address, scope):
    name, password = f"agent-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    account = {"username": name, "email": f"{name}@example.org", "password": password}
    post(address, "/auth/register", account)
    tokens = post(address, "/auth/login", {"username": name, "password": password})
    body = {"name": "agent", "scopes": [scope]}
    return post(address, "/keys", body, tokens["access_token"])["key"]


async def uses(client, collections):
    listed = await client.list_tools()
    names = [tool.name for tool in listed.tools]
    expected = ["audit", "check_claims", "get_evaluation"]
    expect(names == expected + ["search_collection"] * collections, f"the tools are {names}")
    expect(all(tool.output_schema for tool in listed.tools), "a tool has no output schema")

    # The client itself compares structured answers with the tools' schemas.
    checked = await client.call_tool(
        "check_claims",
        {"sources": SOURCES, "claims": ["The lighthouse is 34 metres tall.", "It is 43 metres tall."]},
    )
    expect(not checked.is_error, f"check_claims failed: {checked.content}")
    claims = checked.structured_content["claims"]
    expect(claims[0]["label"] == "SUPPORTED", f"the right claim is {claims[0]}")
    expect(claims[0]["evidence"][0]["source"] == "lighthouse", f"the evidence is {claims[0]['evidence']}")
    expect(claims[1]["label"] != "SUPPORTED", f"the wrong claim is {claims[1]}")

    steps = []

    async def on_progress(progress, total, message):
        steps.append((progress, total, message))

    audited = await client.call_tool(
        "audit",
        {"sources": SOURCES, "candidate_output": "The lighthouse was built in 1911 [museum]. It is 34 metres tall [1]."},
        progress_callback=on_progress,
    )
    expect(not audited.is_error, f"audit failed: {audited.content}")
    audit = audited.structured_content
    expect(audit["status"] == "completed", f"the audit is {audit['status']}")
    kinds = [issue["type"] for issue in audit["issues"]]
    expect("citation_mismatch" in kinds, f"the issues are {kinds}")
    # The client hands its steps on beside the answer, which may be read first.
    deadline = asyncio.get_running_loop().time() + 10
    while not steps and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
    expect(steps and steps == sorted(steps, key=lambda step: step[0]), f"the progress is {steps}")

    read = await client.call_tool("get_evaluation", {"evaluation_id": audit["evaluation_id"]})
    expect(read.structured_content == audit, "the audit is another when it is read")

    wrong = await client.call_tool("audit", {"candidate_output": "a"})
    expect(wrong.is_error and "What to do" in wrong.content[0].text, f"a wrong call gives {wrong.content}")


async def over_http(address, key, mode):
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        async with Client(streamable_http_client(f"{address}/mcp", http_client=http), mode=mode) as client:
            await uses(client, collections=True)


async def over_pipes(binary, mode):
    server = StdioServerParameters(command=binary, args=["mcp"])
    async with Client(server, mode=mode) as client:
        await uses(client, collections=False)


async def main(address, binary):
    key = key_of(address, "audit")
    for mode in ("legacy", "auto", "2026-07-28"):
        await over_http(address, key, mode)
        await over_pipes(binary, mode)
        print(f"mode {mode}: fine")
    reader = key_of(address, "read")
    headers = {"Authorization": f"Bearer {reader}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        async with Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client:
            refused = await client.call_tool("check_claims", {"source_text": "a", "claims": ["b"]})
            expect(refused.is_error and "scope" in refused.content[0].text, f"a reader gets {refused.content}")


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1], sys.argv[2]))
    except Deviation as deviation:
        sys.exit(str(deviation))
