// A browser as a client: once with nothing but its WebSocket, once through the page itself.
//
// usage: node run.mjs http://127.0.0.1:PORT [FOLDER FOR SCREENSHOTS]

import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const DEADLINE = 60_000;
const PASSWORD = randomUUID();
const SOURCE =
  "The ferry to Holm leaves at 7.15 every morning. The crossing takes 40 minutes. " +
  "Bicycles travel free of charge. ⛴️ The ferry was built in 1998 and carries 220 passengers.";
const CANDIDATE =
  "The ferry to Holm leaves at 7.15 every morning. 🚲 The crossing takes 90 minutes. " +
  "Bicycles travel free of charge. <b>It sank in 1955.</b>";

/** In the page: a whole audit with `fetch` and `new WebSocket`, as any script of a site could do it. */
async function auditInPage({ username, password, source, candidate }) {
  const rest = async (method, path, body, token) => {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  await rest("POST", "/auth/register", { username, password, email: `${username}@example.org` });
  const { access_token: token } = await rest("POST", "/auth/login", { username, password });
  const { id } = await rest("POST", "/evaluations", { source_text: source, candidate_output: candidate }, token);
  const encoded = btoa(token).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const url = location.origin.replace("http", "ws") + "/ws";
  const socket = new WebSocket(url, ["judge-auditor.v1", `base64url.bearer.${encoded}`]);
  const seen = await new Promise((resolve, reject) => {
    const events = [];
    const send = (type, data) => socket.send(JSON.stringify({ type, id: type, data }));
    socket.onerror = () => reject(new Error("the socket failed"));
    socket.onclose = (close) => reject(new Error(`closed with ${close.code}`));
    socket.onmessage = ({ data: text }) => {
      const message = JSON.parse(text);
      if (message.type === "error") reject(new Error(text));
      if (message.type === "welcome") send("join_session", { session_id: id, last_seq: 0 });
      if (message.type === "session_joined") send("start_evaluation", { session_id: id });
      if (message.seq === undefined) return;
      events.push(message);
      if (["evaluation_complete", "evaluation_cancelled"].includes(message.type) || message.data.fatal) {
        resolve(events);
      }
    };
  });
  const protocol = socket.protocol;
  socket.onclose = null;
  socket.close();
  return { events: seen, protocol, evaluation: await rest("GET", `/evaluations/${id}`, undefined, token) };
}

async function socketAlone(page) {
  const names = { username: `browser-${randomUUID().slice(0, 8)}`, password: PASSWORD };
  const { events, protocol, evaluation } = await page.evaluate(auditInPage, {
    ...names,
    source: SOURCE,
    candidate: CANDIDATE,
  });
  assert.equal(protocol, "judge-auditor.v1", "the token is never echoed");
  events.forEach((event, index) => assert.equal(event.seq, index + 1));
  const end = events.at(-1);
  assert.equal(end.type, "evaluation_complete");
  assert.deepEqual(evaluation.result, end.data.result);
  for (const { claim } of events.filter(({ type }) => type === "claim_verdict").map(({ data }) => data)) {
    assert.equal(CANDIDATE.slice(claim.span.start, claim.span.end), claim.text);
  }
}

async function signUp(page, name = `person-${randomUUID().slice(0, 8)}`) {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("E-mail").fill(`${name}@example.org`);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "New audit" }).waitFor();
}

async function fillIn(page) {
  await page.getByLabel(/^Source/).fill(SOURCE);
  await page.getByLabel(/^Output/).fill(CANDIDATE);
}

async function throughThePage(page, shots) {
  const name = `person-${randomUUID().slice(0, 8)}`;
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill("a wrong password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").filter({ hasText: "user name or the password is wrong" }).waitFor();

  await signUp(page, name);
  assert.equal(await page.locator("#user-name").textContent(), name);
  assert.ok((await page.getByRole("checkbox", { checked: true }).count()) >= 4, "the offline judges are chosen");

  await fillIn(page);
  await page.getByRole("button", { name: "Start the audit" }).click();
  await page.locator("#result").waitFor();

  assert.equal(await page.locator("#progress").evaluate((bar) => bar.value), 100);
  const shown = await page.locator("#candidate-text").evaluate((element) => {
    const copy = element.cloneNode(true);
    // The symbol and the space behind it are the page's, not the text's.
    for (const symbol of copy.querySelectorAll(".symbol")) {
      symbol.nextSibling.remove();
      symbol.remove();
    }
    return copy.textContent;
  });
  assert.equal(shown, CANDIDATE, "the text stands there unchanged, its markup as text");
  assert.ok((await page.locator("#candidate-text .claim.refuted").count()) >= 1, "a refuted claim is marked");
  assert.ok((await page.locator("#candidate-text .claim.supported").count()) >= 1, "a supported claim is marked");

  const claim = page.locator("#candidate-text .claim.refuted").first();
  await claim.focus();
  await page.keyboard.press("Enter");
  const details = page.locator((await claim.getAttribute("href")).replace("#", "[id='") + "']");
  assert.ok(await details.evaluate((element) => element.open), "a claim opens its evidence by keyboard");
  assert.ok((await details.locator("blockquote").count()) >= 1);
  assert.equal(await page.locator("#reports .card").count(), 4);
  await page.screenshot({ path: join(shots, "result.png"), fullPage: true });

  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 375, height: 740 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px wider than a phone`);
  await page.screenshot({ path: join(shots, "result-phone-dark.png"), fullPage: true });
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log in" }).waitFor();
}

/** The page over connections that break after every few messages: nothing is missed, nothing twice. */
async function comesBack(page) {
  let messages = 0;
  let connections = 0;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    connections += 1;
    const server = socket.connectToServer();
    server.onMessage((message) => {
      messages += 1;
      if (messages % 6 === 0 && connections <= 3) {
        server.close();
        socket.close({ code: 1001 });
      } else {
        socket.send(message);
      }
    });
  });
  await page.reload();
  await signUp(page);
  await fillIn(page);
  await page.getByRole("button", { name: "Start the audit" }).click();
  await page.locator("#result").waitFor();
  assert.ok(connections >= 3, `${connections} connections`);
  const [done, total] = (await page.locator("#claim-count").textContent()).split(" of ").map(Number);
  assert.equal(done, total);
  assert.equal(await page.locator("#claims details").count(), total, "each claim once");
  assert.equal(await page.locator("#reports .card").count(), 4, "each judge once");
}

async function main() {
  const address = process.argv[2];
  if (!address) throw new Error("usage: node run.mjs http://127.0.0.1:PORT [FOLDER]");
  const shots = process.argv[3] ?? "target/screenshots";
  await mkdir(shots, { recursive: true });
  const profile = await mkdtemp(join(tmpdir(), "auditor-browser-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    headless: true,
    viewport: { width: 1100, height: 900 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-proxy-server",
    ],
  });
  browser.setDefaultTimeout(DEADLINE);
  const complaints = [];
  let passed = 0;
  let failed = 0;
  try {
    for (const [name, test] of Object.entries({ socketAlone, throughThePage, comesBack })) {
      const page = await browser.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // The browser itself reports the refused login.
        if (message.type() === "error" && !message.text().includes("401")) complaints.push(message.text());
      });
      try {
        const response = await page.goto(address);
        assert.equal(response.status(), 200);
        await test(page, shots);
        assert.deepEqual(complaints, [], "nothing in the browser's console");
        passed += 1;
        console.log(`ok ${name}`);
      } catch (failure) {
        failed += 1;
        console.error(`FAILED ${name}: ${failure.stack ?? failure}`);
        console.error(`console: ${JSON.stringify(complaints)}`);
        await page.screenshot({ path: join(shots, `failed-${name}.png`) }).catch(() => {});
      }
      complaints.length = 0;
      await page.close();
    }
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  }
  console.log(`browser: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
