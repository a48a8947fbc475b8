// The real server: killed in the middle of a run and started again, with every event once.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AuditorClient, type ClientOptions, type SessionEvent } from "../src/index.js";
import { Server, skip } from "./support/real.js";

const SENTENCES = 120;
const ENDS = ["evaluation_complete", "evaluation_cancelled"];
const ended = (event: SessionEvent): boolean =>
  ENDS.includes(event.type) || (event.type === "evaluation_error" && event.data.fatal);

let server: Server;

before(async () => {
  if (skip) return;
  server = await Server.make();
  await server.start();
});

after(async () => {
  if (skip) return;
  await server.remove();
});

async function registered(name: string, options: ClientOptions = {}): Promise<AuditorClient> {
  const client = new AuditorClient({ baseUrl: server.url, ...options });
  const login = { username: name, password: "a long password" };
  await client.auth.register({ ...login, email: `${name}@example.org` });
  await client.auth.login(login);
  return client;
}

/** Texts long enough that a run can be interrupted. */
function texts(): { source_text: string; candidate_output: string } {
  const line = (at: number, metres: number): string =>
    `Bridge number ${at} was opened in ${1800 + at} and is ${metres} metres long.`;
  const lines = Array.from({ length: SENTENCES }, (_, at) => at);
  return {
    source_text: lines.map((at) => line(at, 100 + at)).join(" "),
    candidate_output: lines.map((at) => line(at, at % 3 === 0 ? 90 : 100 + at)).join(" "),
  };
}

/** Follows from the beginning until the run ends; `at` is called once at each number of events. */
function toTheEnd(client: AuditorClient, id: string, at: Record<number, () => void>): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  return new Promise((done, fail) => {
    const follow = client.follow(id, {
      onEvent(event) {
        events.push(event);
        at[events.length]?.();
        if (!ended(event)) return;
        follow.close();
        done(events);
      },
      onGap: (gap) => fail(new Error(`a gap: ${gap.reason}`)),
      onState: (state) => {
        if (state.kind === "closed" && state.error) fail(state.error);
      },
    });
  });
}

async function wholeLog(client: AuditorClient, id: string): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for (;;) {
    const page = await client.evaluations.events(id, { afterSeq: events.length, limit: 500 });
    events.push(...page.events);
    if (page.events.length === 0) return events;
  }
}

const ways: [string, ClientOptions][] = [
  ["over the socket", {}],
  ["over SSE", { WebSocket: null }],
];
for (const [way, options] of ways) {
  test(`killed in the middle and started again, every event comes once, ${way}`, { skip, timeout: 120_000 }, async () => {
    if (way === "over the socket") assert.ok(globalThis.WebSocket, "run with --experimental-websocket");
    const client = await registered(way.replaceAll(" ", "-"), options);
    const kinds: string[] = [];
    client.connection.onState(({ kind }) => kinds.push(kind));
    const { id } = await client.evaluations.create(texts());
    let restarted: Promise<void> | undefined;
    const following = toTheEnd(client, id, {
      5: () => (restarted = server.kill().then(() => server.start())),
    });
    await client.start(id);
    const events = await following;
    await restarted;
    assert.ok(restarted, "the server was killed");
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, at) => at + 1),
    );
    assert.deepEqual(events, await wholeLog(client, id));
    assert.equal(events.at(-1)?.type, "evaluation_complete");
    assert.ok(kinds.includes("waiting"), `the connection was lost on the way: ${kinds.join(" ")}`);
    assert.equal(client.connection.state.kind, options.WebSocket === null ? "fallback" : "online");
    client.close();
  });
}

test("real answers have the types that they are said to have", { skip, timeout: 120_000 }, async () => {
  const client = await registered("types");
  const { evaluations } = client;
  const source_text = "The bridge opened on 4 May 1987. It is 412 metres long.";
  const made = await evaluations.create({
    source_text,
    candidate_output: "The bridge opened in 1987. It is 640 metres long.",
    config: { judges: ["facts", "logic"], aggregation_strategy: "median" },
  });
  const estimate = await evaluations.estimate(made.id);
  const done = toTheEnd(client, made.id, {});
  const started = await client.evaluations.start(made.id, "click");
  const events = await done;
  const whole = await evaluations.get(made.id);
  assert.equal(whole.status, "completed");
  const claim = whole.claims[0];
  assert.equal(whole.candidate_output.slice(claim?.span.start, claim?.span.end), claim?.text);
  const answers: [string, unknown][] = [
    ["User", client.auth.user],
    ["Evaluation", made],
    ["Estimate", estimate],
    ["Started", started],
    ["SessionEvent[]", events],
    ["Evaluation", whole],
    ["EvaluationList", await evaluations.list({ q: "bridge", limit: 1 })],
    ["EventsPage", await evaluations.events(made.id, { limit: 3 })],
    ["JudgeInfo[]", await client.judges()],
    ["UsageReport", await client.usage(3)],
  ];
  await assert.rejects(evaluations.cancel(made.id), { code: "not_running", status: 409 });
  await assert.rejects(evaluations.create({ source_text: "", candidate_output: "x" }), {
    code: "validation",
    message: /must have 1 to 200000 characters/,
  });
  const share = await evaluations.shares.create(made.id, { expiresInS: 600 });
  answers.push(
    ["NewShare", share],
    ["Share[]", await evaluations.shares.list(made.id)],
    ["SharedEvaluation", await client.shared(share.url.replace("/shared/", ""))],
    ["Feedback", await evaluations.feedback.create(made.id, { claim_id: claim?.id ?? null, label: "SUPPORTED" })],
    ["FeedbackPage", await evaluations.feedback.list(made.id)],
    ["Preferences", await client.preferences.put({ judges: ["facts"], theme: "dark" })],
    ["Preferences", await client.preferences.get()],
    ["Statistics", await client.statistics(7)],
  );
  await evaluations.shares.revoke(made.id, share.id);
  assert.deepEqual(await evaluations.shares.list(made.id), []);
  await evaluations.remove(made.id);
  await assert.rejects(evaluations.get(made.id), { code: "not_found", status: 404 });
  client.close();
  await client.auth.logout();
  compile(answers);
});

/** As literals with their types: a field that is missing, wrong or unknown does not compile. */
function compile(answers: [string, unknown][]): void {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const folder = mkdtempSync(join(root, "build/answers-"));
  const lines = answers.map(([name, answer]) => `(${JSON.stringify(answer, null, 1)}) satisfies t.${name};`);
  const file = join(folder, "answers.ts");
  writeFileSync(file, `import type * as t from "../../src/index.js";\n${lines.join("\n")}\n`);
  const config = { extends: "../../tsconfig.json", compilerOptions: { noEmit: true, rootDir: "../.." }, include: ["answers.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8" });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    const at = /answers\.ts\((\d+)/.exec(stdout ?? "")?.[1];
    const text = readFileSync(file, "utf8").split("\n").slice(Number(at) - 6, Number(at) + 3);
    assert.fail(`${stdout ?? String(error)}\n${text.join("\n")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
