// API keys, by which programs come in somebody's name.

import type { Auth } from "./auth.js";
import { items } from "./evaluations.js";
import type * as t from "./types.js";

export class ApiKeys {
  readonly #auth: Auth;

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /** A new one; its `key` is told only here. Needs a login: a key makes none. */
  create(key: t.CreateKey): Promise<t.NewApiKey> {
    return this.#auth.json("POST", "/keys", { body: key });
  }

  /** Those that were not revoked, the oldest first. */
  async list(): Promise<t.ApiKey[]> {
    return items(await this.#auth.send("GET", "/keys"));
  }

  /** Ends a key, with its sockets and streams. */
  async revoke(id: t.Id): Promise<void> {
    await this.#auth.send("DELETE", `/keys/${encodeURIComponent(id)}`);
  }
}
