// The real server, where AUDITOR_BINARY names its program.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const binary = process.env["AUDITOR_BINARY"];
export const skip = binary ? false : "AUDITOR_BINARY is not set: NOTHING was tried against the real server";
if (skip) console.error(`SKIPPED: ${skip}`);

export class Server {
  #process: ChildProcess | null = null;

  constructor(
    readonly port: number,
    readonly data: string,
  ) {}

  /** On a port and in a folder of its own. */
  static async make(): Promise<Server> {
    const port = await new Promise<number>((done) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const { port } = probe.address() as { port: number };
        probe.close(() => done(port));
      });
    });
    return new Server(port, mkdtempSync(join(tmpdir(), "auditor-client-")));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const env = {
      ...process.env,
      AUDITOR_BIND: `127.0.0.1:${this.port}`,
      AUDITOR_DATA_DIR: this.data,
      AUDITOR_TELEMETRY__PROMETHEUS_BIND: "",
      AUDITOR_LOG: "error",
    };
    const child = spawn(binary as string, ["serve"], { env, stdio: ["ignore", "pipe", "inherit"] });
    this.#process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes("listens on")) break;
    }
    assert.equal(child.exitCode, null, "the server is up");
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  /** For good, with all that it kept. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.data, { recursive: true, force: true });
  }
}
