// Another client of the same account, by REST.

import assert from "node:assert/strict";
import { PASSWORD } from "./steps.mjs";

export class Api {
  #address;
  token = null;

  constructor(address) {
    this.#address = `${address}/api/v1`;
  }

  async logIn(username) {
    this.token = (await this.post("/auth/login", { username, password: PASSWORD })).access_token;
  }

  post(path, body) {
    return this.#ask("POST", path, body);
  }

  get(path) {
    return this.#ask("GET", path);
  }

  remove(path) {
    return this.#ask("DELETE", path);
  }

  async #ask(method, path, body) {
    const headers = { ...(body && { "Content-Type": "application/json" }), ...(this.token && { Authorization: `Bearer ${this.token}` }) };
    const answer = await fetch(this.#address + path, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
  }
}
