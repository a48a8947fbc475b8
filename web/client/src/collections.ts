// Collections of documents that audits are checked against, by REST.

import type { Auth } from "./auth.js";
import { items } from "./evaluations.js";
import type * as t from "./types.js";

const path = (id: t.Id, rest = ""): string => `/collections/${encodeURIComponent(id)}${rest}`;
const documentPath = (id: t.Id, documentId: t.Id): string =>
  path(id, `/documents/${encodeURIComponent(documentId)}`);

export class Collections {
  readonly #auth: Auth;
  readonly documents: Documents;

  constructor(auth: Auth) {
    this.#auth = auth;
    this.documents = new Documents(auth);
  }

  /** An empty one; its name has 1 to 100 characters. */
  create(name: string): Promise<t.Collection> {
    return this.#auth.json("POST", "/collections", { body: { name } });
  }

  list(query: t.PageQuery = {}): Promise<t.PageOf<t.Collection>> {
    return this.#auth.json("GET", "/collections", { query: { ...query } });
  }

  get(id: t.Id): Promise<t.Collection> {
    return this.#auth.json("GET", path(id));
  }

  /** With all its documents. */
  async remove(id: t.Id): Promise<void> {
    await this.#auth.send("DELETE", path(id));
  }

  /** The passages that fit best, at most `limit` (1..50, 10 if absent). */
  async search(id: t.Id, q: string, options: { limit?: number } = {}): Promise<t.FoundPassage[]> {
    const query = { q, limit: options.limit };
    return items(await this.#auth.send("GET", path(id, "/search"), { query }));
  }
}

class Documents {
  readonly #auth: Auth;

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /** A text of 1 to 1,000,000 characters, under a name of 1 to 200. */
  create(id: t.Id, document: { name: string; text: string }): Promise<t.CollectionDocument> {
    return this.#auth.json("POST", path(id, "/documents"), { body: document });
  }

  /** A file as it is; the server takes the text out of it. */
  upload(
    id: t.Id,
    file: { name: string; type: t.DocumentMediaType; data: Blob | Uint8Array<ArrayBuffer> | string },
  ): Promise<t.CollectionDocument> {
    const { name, type, data } = file;
    const request = { file: { type, data }, query: { name } };
    return this.#auth.json("POST", path(id, "/documents"), request);
  }

  list(id: t.Id, query: t.PageQuery = {}): Promise<t.PageOf<t.CollectionDocument>> {
    return this.#auth.json("GET", path(id, "/documents"), { query: { ...query } });
  }

  /** With its text. */
  get(id: t.Id, documentId: t.Id): Promise<t.CollectionDocumentText> {
    return this.#auth.json("GET", documentPath(id, documentId));
  }

  async remove(id: t.Id, documentId: t.Id): Promise<void> {
    await this.#auth.send("DELETE", documentPath(id, documentId));
  }
}
