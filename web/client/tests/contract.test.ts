// The client is the server's: every route of its document is called, and every field and value of it has a type.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AuditorClient } from "../src/index.js";
import { Server, skip } from "./support/real.js";

interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  properties?: Record<string, Schema>;
  allOf?: Schema[];
}
interface OpenApi {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, Schema> };
}
type AsyncApi = Pick<OpenApi, "components">;

let server: Server;

before(async () => {
  if (skip) return;
  server = await Server.make();
  await server.start();
});

after(async () => {
  if (!skip) await server.remove();
});

async function document<T>(name: string): Promise<T> {
  const answer = await fetch(`${server.url}/api/v1/${name}`);
  return (await answer.json()) as T;
}

/** One call for each route. */
const CALLS: ((client: AuditorClient) => Promise<unknown>)[] = [
  (client) => client.auth.register({ username: "a", email: "e", password: "p" }),
  (client) => client.auth.login({ username: "a", password: "p" }),
  (client) => client.auth.refresh(),
  (client) => client.auth.changePassword("a", "b"),
  (client) => client.auth.exportAccount(),
  (client) => client.auth.deleteAccount("p"),
  (client) => client.auth.login({ username: "a", password: "p" }).then(() => client.auth.logout()),
  (client) => client.auth.login({ username: "a", password: "p" }),
  (client) => client.evaluations.create({ source_text: "s", candidate_output: "c" }),
  (client) => client.evaluations.list(),
  (client) => client.evaluations.get("x"),
  (client) => client.evaluations.remove("x"),
  (client) => client.evaluations.annotate("x", {}),
  (client) => client.evaluations.runs("x"),
  (client) => client.evaluations.start("x"),
  (client) => client.evaluations.cancel("x"),
  (client) => client.evaluations.events("x"),
  (client) => client.evaluations.estimate("x"),
  (client) => client.evaluations.export("x", "json"),
  (client) => client.evaluations.shares.create("x"),
  (client) => client.evaluations.shares.list("x"),
  (client) => client.evaluations.shares.revoke("x", "x"),
  (client) => client.evaluations.feedback.create("x", { claim_id: null, score: 1 }),
  (client) => client.evaluations.feedback.list("x"),
  (client) => client.evaluations.feedback.withdraw("x", "x"),
  (client) => client.tags(),
  (client) => client.collections.create("n"),
  (client) => client.collections.list(),
  (client) => client.collections.get("x"),
  (client) => client.collections.remove("x"),
  (client) => client.collections.search("x", "q"),
  (client) => client.collections.documents.create("x", { name: "n", text: "t" }),
  (client) => client.collections.documents.list("x"),
  (client) => client.collections.documents.get("x", "x"),
  (client) => client.collections.documents.remove("x", "x"),
  (client) => client.keys.create({ name: "n", scopes: ["read"] }),
  (client) => client.keys.list(),
  (client) => client.keys.revoke("x"),
  (client) => client.check({ source_text: "s", candidate_output: "c" }),
  (client) => client.judges(),
  (client) => client.statistics(),
  (client) => client.usage(),
  (client) => client.preferences.get(),
  (client) => client.preferences.put({}),
  (client) => client.shared("x"),
];

test("every route of the document has a method, and no method another route", { skip }, async () => {
  const asked = new Set<string>();
  const answer = {
    items: [],
    access_token: `h.${btoa('{"sub":"u"}')}.s`,
    expires_in: 900,
    refresh_token: "r",
    token_type: "bearer",
  };
  const client = new AuditorClient({
    baseUrl: "http://audits.test",
    WebSocket: null,
    page: {},
    fetch: (input, init) => {
      const path = new URL(String(input)).pathname;
      asked.add(`${init?.method ?? "GET"} ${path.replace(/\/x(?=\/|$)/g, "/{}")}`);
      return Promise.resolve(Response.json(answer));
    },
  });
  for (const call of CALLS) await call(client);
  const { paths } = await document<OpenApi>("openapi.json");
  const offered = Object.entries(paths)
    .filter(([path]) => path.startsWith("/api/v1/"))
    .flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, "{}")}`),
    );
  assert.deepEqual([...asked].sort(), offered.sort());
});

/** What the client calls otherwise than the document. */
const NAMES: Record<string, string> = {
  AnnotationsView: "Annotations",
  BudgetView: "Budget",
  Cancelled: "EvaluationCancelled",
  ClaimDecided: "ClaimVerdict",
  CollectionView: "Collection",
  Completed: "EvaluationComplete",
  Details: "JudgeDetails",
  DocumentTextView: "CollectionDocumentText",
  DocumentView: "CollectionDocument",
  ErrorCode: "ServerErrorCode",
  ErrorType: "RunErrorType",
  EstimateView: "Estimate",
  EvaluationView: "Evaluation",
  ErrorBody: "CommandError",
  FeedbackListView: "FeedbackPage",
  FeedbackView: "Feedback",
  Format: "ExportFormat",
  GiveFeedback: "NewFeedback",
  HitView: "FoundPassage",
  JudgeView: "JudgeInfo",
  KeyView: "ApiKey",
  ListView: "EvaluationList",
  NewKeyView: "NewApiKey",
  NewShareView: "NewShare",
  Place: "InjectionPlace",
  Progress: "EvaluationProgress",
  Register: "Registration",
  RunsView: "RunPage",
  RunView: "Run",
  ShareView: "Share",
  SharedView: "SharedEvaluation",
  SignKind: "InjectionKind",
  SocketError: "CommandError",
  DayView: "UsageDay",
  Statistics: "ScoreStatistics",
  StatisticsView: "Statistics",
  SummaryView: "EvaluationSummary",
  TagView: "Tag",
  UsageView: "UsageReport",
  UserView: "User",
};
/**
 * Without a type of their own here: arguments of methods, commands, and lists of what has a type. The members are all
 * that the client knows of them.
 */
const UNNAMED: Record<string, string[]> = {
  AddDocument: ["name", "text"],
  AuthenticateData: ["token"],
  ChangePassword: ["current_password", "new_password"],
  CollectionsView: ["items", "next_cursor"],
  CreateCollection: ["name"],
  CreateShare: ["expires_in_s", "show_documents"],
  DeleteAccount: ["current_password"],
  DocumentsView: ["items", "next_cursor"],
  JoinData: ["session_id", "epoch", "last_seq"],
  JudgesView: ["items"],
  KeysView: ["items"],
  Login: ["username", "password"],
  LoginForm: ["username", "password", "grant_type"],
  SearchView: ["items"],
  SessionData: ["session_id"],
  SharesView: ["items"],
  StartData: ["session_id", "client_request_id"],
  StartEvaluation: ["client_request_id"],
  TagsView: ["items"],
  Tokens: ["access_token", "token_type", "expires_in", "refresh_token"],
  // A part of `ClaimVerdict`.
  Verdict: ["claim", "label", "confidence", "probability", "evidence", "reasoning"],
};
/**
 * Of `/healthz` and `/readyz`, which are for whoever watches over the process; and of forms, which this client does
 * not send: it logs in and makes evaluations by JSON.
 */
const SKIPPED = new Set(["EvaluationForm", "GrantType", "Health", "Readiness"]);

/** Of the protocol's examples, and in no document. */
const BESIDES = new Set(["CommandError.recovery_suggestions"]);

/** Interfaces with the names of their members, and lists of values, of the client's sources. */
function types(): { members: Map<string, Set<string>>; values: Map<string, Set<string>> } {
  const folder = fileURLToPath(new URL("../../src/", import.meta.url));
  const files = ["types/audit.ts", "types/rest.ts", "types/socket.ts", "errors.ts"];
  const text = files.map((file) => readFileSync(folder + file, "utf8")).join("\n");
  const members = new Map<string, Set<string>>();
  const bases = new Map<string, string[]>();
  const interfaces = /^export interface (\w+)(?: extends ([\w, ]+))? \{\n(.*?)^\}/gms;
  for (const [, name = "", of = "", body = ""] of text.matchAll(interfaces)) {
    members.set(name, new Set([...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, member = ""]) => member)));
    bases.set(name, of.split(", ").filter((base) => base !== ""));
  }
  for (const [name, of] of bases) {
    for (const base of of) for (const member of members.get(base) ?? []) members.get(name)?.add(member);
  }
  const picked = /^export type (\w+) = Pick<\s*\w+,((?:\s*\|\s*"\w+")+)\s*> & \{\n(.*?)^\};/gms;
  for (const [, name = "", of = "", body = ""] of text.matchAll(picked)) {
    const found = [...of.matchAll(/"(\w+)"/g), ...body.matchAll(/^ {2}(\w+)\??:/gm)];
    members.set(name, new Set(found.map(([, member = ""]) => member)));
  }
  const values = new Map<string, Set<string>>();
  for (const [, name = "", body = ""] of text.matchAll(/^export type (\w+) =((?:\s*\|?\s*"[^"]+")+);/gm)) {
    values.set(name, new Set([...body.matchAll(/"([^"]+)"/g)].map(([, value = ""]) => value)));
  }
  return { members, values };
}

function membersOf(schema: Schema, schemas: Record<string, Schema>): Set<string> {
  const base = schema.$ref === undefined ? undefined : schemas[schema.$ref.split("/").at(-1) ?? ""];
  return new Set([
    ...Object.keys(schema.properties ?? {}),
    ...(base === undefined ? [] : membersOf(base, schemas)),
    ...(schema.allOf ?? []).flatMap((part) => [...membersOf(part, schemas)]),
  ]);
}

test("every field and every value of the documents has a type", { skip }, async () => {
  const [rest, socket] = await Promise.all([
    document<OpenApi>("openapi.json"),
    document<AsyncApi>("asyncapi.json"),
  ]);
  const schemas = { ...rest.components.schemas, ...socket.components.schemas };
  const { members, values } = types();
  const lacking: string[] = [];
  let compared = 0;
  for (const [name, schema] of Object.entries(schemas)) {
    const ours = NAMES[name] ?? name;
    if (SKIPPED.has(name)) continue;
    const told = schema.enum === undefined ? membersOf(schema, schemas) : new Set(schema.enum);
    // Ids and other plain texts have nothing to compare.
    if (told.size === 0) continue;
    const unnamed = UNNAMED[name];
    const ofType = schema.enum === undefined ? members.get(ours) : values.get(ours);
    const known = unnamed === undefined ? ofType : new Set(unnamed);
    if (known === undefined) {
      lacking.push(`${ours}: no type of that name; has ${[...told].join(", ")}`);
      continue;
    }
    compared += 1;
    // A cookie is asked for by `session`, not by a member of its own.
    told.delete("cookie");
    const missing = [...told].filter((each) => !known.has(each));
    const unknown = [...known].filter((each) => !told.has(each) && !BESIDES.has(`${ours}.${each}`));
    if (missing.length > 0 || unknown.length > 0) {
      lacking.push(`${ours}: lacks ${missing.join(", ")}; has besides ${unknown.join(", ")}`);
    }
  }
  lacking.push(...Object.keys(UNNAMED).filter((name) => !(name in schemas)).map((name) => `${name}: in no document`));
  assert.deepEqual(lacking, []);
  assert.ok(compared > 60, `${compared} types compared`);
});
