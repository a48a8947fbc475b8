// The Model Context Protocol's own client for JavaScript, by HTTP and by pipes.
//
// usage: node tests/mcp/tools.mjs http://127.0.0.1:PORT BINARY

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

import { keyOf } from "./key.mjs";

const SOURCES = [
  { name: "lighthouse", text: "The lighthouse of Skarv was built in 1911 and is 34 metres tall. It was automated in 1986." },
  { name: "museum", text: "The museum opens in May and closes in September." },
];

async function uses(transport, collections) {
  const client = new Client({ name: `test-${randomBytes(2).toString("hex")}`, version: "1" });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const names = tools.map((tool) => tool.name);
  const expected = ["audit", "check_claims", "get_evaluation", ...(collections ? ["search_collection"] : [])];
  assert.deepEqual(names, expected);

  // The client itself compares structured answers with the tools' schemas.
  const checked = await client.callTool({
    name: "check_claims",
    arguments: { sources: SOURCES, claims: ["The lighthouse is 34 metres tall.", "It is 43 metres tall."] },
  });
  assert.equal(checked.structuredContent.claims[0].label, "SUPPORTED");
  assert.notEqual(checked.structuredContent.claims[1].label, "SUPPORTED");

  const steps = [];
  const audited = await client.callTool(
    {
      name: "audit",
      arguments: { sources: SOURCES, candidate_output: "The lighthouse was built in 1911 [museum]. It is 34 metres tall [1]." },
    },
    undefined,
    { onprogress: (step) => steps.push(step.progress) },
  );
  const audit = audited.structuredContent;
  assert.equal(audit.status, "completed");
  assert.ok(audit.issues.some((issue) => issue.type === "citation_mismatch"));
  assert.ok(steps.length > 0);
  assert.deepEqual(steps, [...steps].sort((a, b) => a - b));

  const read = await client.callTool({ name: "get_evaluation", arguments: { evaluation_id: audit.evaluation_id } });
  assert.deepEqual(read.structuredContent, audit);
  const wrong = await client.callTool({ name: "audit", arguments: { candidate_output: "a" } });
  assert.equal(wrong.isError, true);
  assert.match(wrong.content[0].text, /What to do/);
  await client.close();
}

const [address, binary] = process.argv.slice(2);
const key = await keyOf(address, "audit");
const url = new URL("/mcp", address);
await uses(new StreamableHTTPClientTransport(url, { requestInit: { headers: { Authorization: `Bearer ${key}` } } }), true);
console.log("by HTTP: fine");
await uses(new StdioClientTransport({ command: binary, args: ["mcp"], stderr: "inherit" }), false);
console.log("by pipes: fine");
