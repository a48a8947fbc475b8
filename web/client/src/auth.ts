// Who is logged in, and the tokens of the login.

import { type Clock, Listeners } from "./clock.js";
import { AuditorError } from "./errors.js";
import type { Page } from "./options.js";
import { jsonOf, type Request, type Rest } from "./rest.js";
import type { Credentials, Registration, User } from "./types.js";

/** How long before its end an access token is replaced, where its life is long enough. */
const EARLY_MS = 60_000;
/** With less than this left it is not used for a request any more. */
const SPARE_MS = 10_000;
const LOCK = "judge-auditor-refresh";

interface Tokens {
  access_token: string;
  expires_in: number;
  refresh_token?: string;
}

interface Access {
  token: string;
  /** The user's id in the token. */
  subject: string | undefined;
  /** When it is to be replaced, and from when on it is no good for a request. */
  refreshAt: number;
  staleAt: number;
}

export class Auth {
  readonly #rest: Rest;
  readonly #clock: Clock;
  readonly #cookie: boolean;
  readonly #locks: Page["locks"];
  readonly #pending: PendingRefresh;
  readonly #signedOut = new Listeners<AuditorError | null>();
  readonly #renewed = new Listeners<string>();
  #key: string | undefined;
  #user: User | null = null;
  #access: Access | null = null;
  #refreshToken: string | null = null;
  #refreshing: Promise<string> | null = null;
  /** Counts logins, so that a late answer of an earlier one is nobody's. */
  #login = 0;

  constructor(
    rest: Rest,
    clock: Clock,
    session: "cookie" | "memory",
    page: Page,
    key: string | undefined,
  ) {
    this.#key = key;
    this.#rest = rest;
    this.#clock = clock;
    this.#cookie = session === "cookie";
    this.#locks = page.locks;
    this.#pending = new PendingRefresh(this.#cookie ? page.storage : undefined);
  }

  get user(): User | null {
    return this.#user;
  }

  /** Makes the account; logging in is the next step. */
  register(registration: Registration): Promise<User> {
    const { username, email, password } = registration;
    return this.#rest.json("POST", "/auth/register", { body: { username, email, password } });
  }

  async login({ username, password }: Credentials): Promise<User> {
    const body = { username, password, ...(this.#cookie && { cookie: true }) };
    const tokens = await this.#exclusively(() =>
      this.#rest.json<Tokens>("POST", "/auth/login", { body }),
    );
    this.#login += 1;
    this.#refreshing = null;
    this.#keep(tokens);
    return this.#welcome();
  }

  /** The login of an earlier page load, if there is one and it still stands (cookie mode). */
  async resume(): Promise<User | null> {
    if (!this.signedIn) {
      if (!this.#cookie) return null;
      try {
        await this.refresh();
      } catch (error) {
        if (error instanceof AuditorError && error.status === 401) return null;
        throw error;
      }
    }
    return this.#user ?? this.#welcome();
  }

  /** Ends the login. Here it is over in any case; an error means that the server could not be told. */
  async logout(): Promise<void> {
    await this.#refreshing?.catch(() => {});
    const body = this.#cookie ? { cookie: true } : { refresh_token: this.#refreshToken };
    const told = this.#cookie || this.#refreshToken !== null;
    this.end(null);
    if (told) await this.#exclusively(() => this.#rest.send("POST", "/auth/logout", { body }));
  }

  async changePassword(current: string, next: string): Promise<void> {
    const body = { current_password: current, new_password: next };
    await this.send("POST", "/auth/password", { body });
  }

  /** Removes the account with all that it kept; it can't be undone. */
  async deleteAccount(password: string): Promise<void> {
    await this.send("POST", "/auth/delete", { body: { current_password: password } });
    this.end(null);
  }

  /** All that the account keeps, as a ZIP file of JSON and JSON Lines. */
  async exportAccount(): Promise<Blob> {
    const response = await this.send("GET", "/auth/export", { headers: { Accept: "*/*" } });
    try {
      return await response.blob();
    } catch (fault) {
      throw AuditorError.network(fault);
    }
  }

  /** Called when the login ends: null by `logout`, else why. The answer stops listening. */
  onSignedOut(listener: (error: AuditorError | null) => void): () => void {
    return this.#signedOut.add(listener);
  }

  /** @internal Called with each new access token. */
  onRenewed(listener: (token: string) => void): () => void {
    return this.#renewed.add(listener);
  }

  /** @internal */
  get signedIn(): boolean {
    return this.#access !== null || this.#key !== undefined;
  }

  /** @internal Milliseconds until the access token is to be replaced. */
  get refreshIn(): number {
    if (this.#key !== undefined) return Infinity;
    return this.#access ? this.#access.refreshAt - this.#clock.now() : 0;
  }

  /** @internal An access token that is good for a while yet. */
  async token(): Promise<string> {
    if (this.#key !== undefined) return this.#key;
    if (this.#access === null) throw AuditorError.signedOut();
    if (this.#refreshing !== null) return this.#refreshing;
    return this.#clock.now() < this.#access.staleAt ? this.#access.token : this.refresh();
  }

  /** @internal The server did not take this token, whatever its time says. */
  distrust(token: string): void {
    if (this.#access?.token === token) this.#access.staleAt = 0;
  }

  /** @internal A request of whoever is logged in; once more with a new token if this one is refused. */
  async send(method: string, path: string, request: Request = {}): Promise<Response> {
    const token = await this.token();
    try {
      return await this.#rest.send(method, path, { ...request, token });
    } catch (error) {
      const refused = error instanceof AuditorError && error.status === 401;
      // A key has no successor.
      if (!refused || this.#key !== undefined) throw error;
      if (!["token_expired", "unauthenticated"].includes(error.code)) throw error;
      this.distrust(token);
      return this.#rest.send(method, path, { ...request, token: await this.token() });
    }
  }

  /** @internal Its JSON. */
  async json<T>(method: string, path: string, request?: Request): Promise<T> {
    return jsonOf<T>(await this.send(method, path, request));
  }

  /** @internal Replaces the access token. One at a time: a spent refresh token ends the login. */
  refresh(): Promise<string> {
    const login = this.#login;
    const refreshing = (this.#refreshing ??= this.#exclusively(() => this.#exchange(login)).finally(
      () => {
        if (this.#refreshing === refreshing) this.#refreshing = null;
      },
    ));
    return refreshing;
  }

  /** @internal The login is over, as the server says. */
  end(error: AuditorError | null): void {
    const wasIn = this.signedIn;
    this.#login += 1;
    this.#key = undefined;
    this.#user = this.#access = this.#refreshToken = this.#refreshing = null;
    if (wasIn) this.#signedOut.emit(error);
  }

  async #exchange(login: number): Promise<string> {
    const none = !this.#cookie && this.#refreshToken === null;
    if (none || this.#key !== undefined) throw AuditorError.signedOut();
    const id = this.#pending.id();
    const which = this.#cookie ? { cookie: true } : { refresh_token: this.#refreshToken };
    const body = { ...which, client_request_id: id };
    let tokens: Tokens;
    try {
      tokens = await this.#rest.json<Tokens>("POST", "/auth/refresh", { body });
      this.#pending.answered();
    } catch (error) {
      if (error instanceof AuditorError && error.status === 401) this.#pending.answered();
      const over = error instanceof AuditorError && error.status === 401;
      if (over && login === this.#login) this.end(error);
      throw error;
    }
    if (login !== this.#login) throw AuditorError.signedOut();
    // Another tab may have logged somebody else in: what is shown here is not theirs.
    const known = this.#access?.subject;
    if (known !== undefined && subjectOf(tokens.access_token) !== known) {
      const error = AuditorError.signedOut();
      this.end(error);
      throw error;
    }
    this.#keep(tokens);
    return tokens.access_token;
  }

  #keep(tokens: Tokens): void {
    const life = tokens.expires_in * 1000;
    const end = this.#clock.now() + life;
    this.#access = {
      token: tokens.access_token,
      subject: subjectOf(tokens.access_token),
      refreshAt: end - Math.min(EARLY_MS, life / 4),
      staleAt: end - Math.min(SPARE_MS, life / 8),
    };
    if (tokens.refresh_token !== undefined) this.#refreshToken = tokens.refresh_token;
    this.#renewed.emit(tokens.access_token);
  }

  async #welcome(): Promise<User> {
    const login = this.#login;
    const user = await this.json<User>("GET", "/auth/me");
    if (login !== this.#login) throw AuditorError.signedOut();
    return (this.#user = user);
  }

  /** Tabs share the cookie: only one of them at a time may spend it. */
  #exclusively<T>(task: () => Promise<T>): Promise<T> {
    return this.#cookie && this.#locks ? this.#locks.request(LOCK, task) : task();
  }
}

/**
 * The id of the refresh under way. It stays the same as long as no answer has come: the server may have spent the
 * token and its answer be lost, and for a few seconds it takes the same request once more. A cookie outlives the
 * page, and so does the id; it is of no use without the cookie.
 */
class PendingRefresh {
  static readonly #KEY = "judge-auditor-refresh-id";
  readonly #storage: Page["storage"];
  #id: string | null = null;

  constructor(storage: Page["storage"]) {
    this.#storage = storage;
  }

  id(): string {
    this.#id ??= this.#try((storage) => storage.getItem(PendingRefresh.#KEY)) ?? randomId();
    const id = this.#id;
    this.#try((storage) => storage.setItem(PendingRefresh.#KEY, id));
    return id;
  }

  answered(): void {
    this.#id = null;
    this.#try((storage) => storage.removeItem(PendingRefresh.#KEY));
  }

  /** A browser may refuse its storage, and a full one throws: then the id lives as long as the page. */
  #try<T>(task: (storage: NonNullable<Page["storage"]>) => T): T | undefined {
    try {
      return this.#storage && task(this.#storage);
    } catch {
      return undefined;
    }
  }
}

/** 128 random bits. `crypto.randomUUID` is there only for pages that came by https. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Read without a check, which is the server's. */
function subjectOf(token: string): string | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const subject = (claims as { sub?: unknown }).sub;
    return typeof subject === "string" ? subject : undefined;
  } catch {
    return undefined;
  }
}
