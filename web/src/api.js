// The REST side. Tokens live in this object only: nothing is stored, so a reload logs out.

const BASE = "/api/v1";

const SENTENCES = {
  invalid_credentials: "The user name or the password is wrong.",
  username_taken: "That user name is taken.",
  email_taken: "That e-mail address has an account already.",
  registration_closed: "New accounts are not taken here.",
  unauthenticated: "Please log in again.",
  token_expired: "Please log in again.",
  evaluation_in_progress: "This audit is running already.",
  not_running: "This audit is not running.",
  not_found: "That does not exist.",
  payload_too_large: "The texts are too large.",
  rate_limited: "That was too often in too short a time. Please wait a little.",
  overloaded: "The server is busy. Please try again in a moment.",
  draining: "The server is being restarted. Please try again in a moment.",
  internal: "Something went wrong on the server.",
};

/** A sentence for a problem of the server: its code's, with the details of a validation. */
export function sentence(problem) {
  if (problem.code === "validation" && problem.errors?.length) {
    return problem.errors
      .map((error) => `${error.pointer.replace(/^\//, "").replaceAll("/", ", ")}: ${error.detail}`)
      .join("; ");
  }
  return SENTENCES[problem.code] ?? problem.detail ?? problem.message ?? "Something went wrong.";
}

export class Refused extends Error {
  constructor(status, problem) {
    super(sentence(problem));
    this.status = status;
    this.code = problem.code;
  }
}

export class Api {
  #access = null;
  #refresh = null;
  #expires = 0;
  #refreshing = null;

  async register(username, email, password) {
    await this.#send("POST", "/auth/register", { username, email, password });
    await this.login(username, password);
  }

  async login(username, password) {
    this.#keep(await this.#send("POST", "/auth/login", { username, password }));
  }

  async logout() {
    const refresh_token = this.#refresh;
    try {
      await this.call("POST", "/auth/logout", { refresh_token });
    } finally {
      this.forget();
    }
  }

  forget() {
    this.#access = this.#refresh = null;
    this.#expires = 0;
  }

  /** An access token that is good for a while yet. */
  async token() {
    if (Date.now() > this.#expires - 30_000) await this.refresh();
    return this.#access;
  }

  /** Spends the refresh token. One at a time: a token that is spent twice ends the login. */
  refresh() {
    this.#refreshing ??= this.#send("POST", "/auth/refresh", { refresh_token: this.#refresh })
      .then((tokens) => this.#keep(tokens))
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** A call of whoever is logged in; its JSON, or null for an empty answer. */
  async call(method, path, body) {
    const token = await this.token();
    try {
      return await this.#send(method, path, body, token);
    } catch (refused) {
      if (refused.status !== 401) throw refused;
      if (token === this.#access) await this.refresh();
      return await this.#send(method, path, body, this.#access);
    }
  }

  #keep(tokens) {
    this.#access = tokens.access_token;
    this.#refresh = tokens.refresh_token;
    this.#expires = Date.now() + tokens.expires_in * 1000;
  }

  async #send(method, path, body, token) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw new Refused(0, { detail: "The server can't be reached." });
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  }
}
