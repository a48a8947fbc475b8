// One HTTP request and its answer.

import { AuditorError } from "./errors.js";

const BASE = "/api/v1";

export interface Request {
  body?: unknown;
  /** Sent as it is, where the body is no JSON. */
  file?: { type: string; data: Blob | Uint8Array<ArrayBuffer> | string };
  token?: string;
  headers?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  signal?: AbortSignal;
  /** Goes on where the page that sends it is left. */
  keepalive?: boolean;
}

export class Rest {
  readonly #baseUrl: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor(baseUrl: string, fetch?: typeof globalThis.fetch) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    // Browsers refuse a `fetch` that is called as another object's method.
    this.#fetch = fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** The address of the socket. */
  socketUrl(): string {
    const page = (globalThis as { location?: { href: string } }).location;
    const base = this.#baseUrl === "" ? "/" : `${this.#baseUrl}/`;
    const url = new URL("ws", new URL(base, page?.href));
    url.protocol = url.protocol.replace("http", "ws");
    return url.href;
  }

  /** A successful answer; everything else is thrown as an `AuditorError`. */
  async send(method: string, path: string, request: Request = {}): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
    const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
    if (request.token !== undefined) headers["Authorization"] = `Bearer ${request.token}`;
    if (request.body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(request.body);
    }
    if (request.file !== undefined) {
      headers["Content-Type"] = request.file.type;
      init.body = request.file.data;
    }
    if (request.signal) init.signal = request.signal;
    if (request.keepalive) init.keepalive = true;
    let response: Response;
    try {
      response = await this.#fetch(this.#baseUrl + BASE + path + search(request.query), init);
    } catch (fault) {
      throw AuditorError.network(fault);
    }
    if (!response.ok) throw await AuditorError.ofResponse(response);
    return response;
  }

  /** The JSON of a successful answer. */
  async json<T>(method: string, path: string, request?: Request): Promise<T> {
    return jsonOf<T>(await this.send(method, path, request));
  }
}

export async function jsonOf<T>(response: Response): Promise<T> {
  let text: string;
  try {
    text = await response.text();
  } catch (fault) {
    throw AuditorError.network(fault);
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    const message = "The server's answer is not JSON.";
    throw new AuditorError("bad_answer", message, { status: response.status, cause });
  }
}

function search(query: Request["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
