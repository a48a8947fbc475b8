// The real binary, owned by a test: started, killed and started again on the same port and data.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { DEADLINE, within } from "./wait.mjs";

export class Server {
  #binary;
  #folder;
  #settings;
  #process = null;
  #printed = "";
  address = null;

  /** `settings` are variables of the environment, `config` is a file in TOML. */
  static async start(binary, { settings = {}, config = "" } = {}) {
    const server = new Server();
    server.#binary = binary;
    server.#folder = await mkdtemp(join(tmpdir(), "auditor-browser."));
    server.#settings = settings;
    await writeFile(join(server.#folder, "config.toml"), config);
    try {
      await server.start();
    } catch (fault) {
      await server.#remove();
      throw fault;
    }
    return server;
  }

  /** Starts it, again on the port that it had. */
  async start() {
    const { host } = new URL(this.address ?? "http://127.0.0.1:0");
    const data = join(this.#folder, "data");
    const child = spawn(this.#binary, ["--config", join(this.#folder, "config.toml"), "serve"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        AUDITOR_BIND: this.address ? host : "127.0.0.1:0",
        AUDITOR_DATA_DIR: data,
        AUDITOR_TELEMETRY__PROMETHEUS_BIND: "",
        AUDITOR_SERVER__DRAIN_MS: "1000",
        // Many of these servers audit nothing, and a test that measures the page has the processor to itself.
        AUDITOR_NEURAL__LOAD_AT_START: "false",
        ...this.#settings,
      },
    });
    this.#process = child;
    let said = "";
    const ready = new Promise((resolve, reject) => {
      child.stdout.on("data", (chunk) => {
        this.#printed += chunk;
        said += chunk;
        const found = /http:\/\/127\.0\.0\.1:[0-9]+/.exec(said);
        if (found && said.includes("\n", found.index)) resolve(found[0]);
      });
      child.stderr.on("data", (chunk) => (this.#printed += chunk));
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}\n${this.#printed}`)));
    });
    this.address = await within(DEADLINE, ready, "the server's ready line");
  }

  /** Without a chance to say goodbye; done when the process is gone. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** The first signal, after which it drains. */
  drain() {
    this.#process.kill("SIGTERM");
  }

  /** The second one, after which it waits for nobody. */
  async hurry() {
    const [code] = await this.#end("SIGTERM");
    assert.equal(code, 0, this.#printed);
  }

  /** In an orderly way, which has to succeed. */
  async stop() {
    try {
      const [code, signal] = await this.#end("SIGTERM");
      assert.equal(code, 0, `the server ended with ${code ?? signal}\n${this.#printed}`);
      assert.ok(!this.#printed.includes("panicked at"), this.#printed);
    } finally {
      await this.#remove();
    }
  }

  async #remove() {
    await this.#end("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(signal) {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode];
    const gone = once(child, "exit");
    child.kill(signal);
    return within(DEADLINE, gone, `the server's end after ${signal}`);
  }
}
