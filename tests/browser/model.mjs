// A scripted model behind OpenAI's format: it answers when the test says so, and as the test says.

import { once } from "node:events";
import { createServer } from "node:http";
import { DEADLINE, within } from "./wait.mjs";

const JUDGEMENT = {
  explanation: "The scripted model has read both texts.",
  claims: [{ index: 0, label: "NOT_ENOUGH_INFO", quote: "", confidence: "low" }],
  issues: [],
  rating: 4,
  confidence: "high",
};

export class Model {
  #http = createServer((request, response) => void this.#answer(request, response));
  /** What answers, and with what: a status and a body. */
  #script;
  #held = [];
  #open = true;
  #asked = 0;
  #waiting = [];

  /** Listens on a port of its own. `held`: answers wait for `release`. */
  static async start({ held = false, status = 200, message = "" } = {}) {
    const model = new Model();
    model.#open = !held;
    model.#script = { status, message };
    model.#http.listen(0, "127.0.0.1");
    await once(model.#http, "listening");
    return model;
  }

  /** Its entry in the server's configuration. */
  judge(name, more = "") {
    const { port } = this.#http.address();
    return `[[judges]]\nname = "${name}"\nkind = "openai"\nbase_url = "http://127.0.0.1:${port}/v1"\nmodel = "scripted-1"\n${more}\n`;
  }

  /** Done when it was asked so often, since its start. */
  asked(times) {
    const heard = new Promise((resolve) => this.#waiting.push({ times, resolve }));
    this.#tell();
    return within(DEADLINE, heard, `question ${times} to the model, after ${this.#asked}`);
  }

  /** What waits is answered, and what comes is answered at once. */
  release() {
    this.#open = true;
    for (const go of this.#held.splice(0)) go();
  }

  hold() {
    this.#open = false;
  }

  async stop() {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  #tell() {
    for (const { times, resolve } of this.#waiting) if (this.#asked >= times) resolve();
  }

  async #answer(request, response) {
    request.resume();
    await once(request, "end");
    this.#asked += 1;
    this.#tell();
    if (!this.#open) await new Promise((resolve) => this.#held.push(resolve));
    const { status, message } = this.#script;
    const body =
      status === 200
        ? {
            id: "chatcmpl-scripted",
            object: "chat.completion",
            created: 0,
            model: "scripted-1",
            choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: JSON.stringify(JUDGEMENT), refusal: null } }],
            usage: { prompt_tokens: 321, completion_tokens: 45, total_tokens: 366 },
          }
        : { error: { message, type: "invalid_request_error", param: null, code: status } };
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  }
}
