// The protocol's conformance suite against `/mcp`. It knows no keys, so a door of its own adds one on the way.
//
// Scenarios that want a server to have what this one does not (prompts, resources, tools of the suite's own) are not
// asked.
//
// usage: node tests/mcp/conformance.mjs http://127.0.0.1:PORT

import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { keyOf } from "./key.mjs";

const SCENARIOS = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"];

const [address] = process.argv.slice(2);
const key = await keyOf(address, "audit");
const target = new URL(address);

const door = createServer((asked, answer) => {
  const headers = { ...asked.headers, authorization: `Bearer ${key}` };
  const options = { host: target.hostname, port: target.port, method: asked.method, path: asked.url, headers };
  const passed = request(options, (given) => {
    answer.writeHead(given.statusCode, given.headers);
    given.pipe(answer);
  });
  passed.on("error", () => answer.destroy());
  asked.pipe(passed);
});
await new Promise((resolve) => door.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${door.address().port}/mcp`;

const require = createRequire(import.meta.url);
const suite = join(dirname(require.resolve("@modelcontextprotocol/conformance/package.json")), "dist", "index.js");
const folder = mkdtempSync(join(tmpdir(), "conformance-"));
const missing = new URL("./missing.mjs", import.meta.url).href;
let failed = 0;
for (const scenario of SCENARIOS) {
  const run = spawn(process.execPath, ["--import", missing, suite, "server", "--url", url, "--scenario", scenario], {
    cwd: folder,
    stdio: "inherit",
  });
  const code = await new Promise((resolve) => run.on("exit", resolve));
  if (code !== 0) {
    console.error(`${scenario}: failed`);
    failed += 1;
  }
}
door.close();
door.closeAllConnections();
process.exit(failed === 0 ? 0 : 1);
