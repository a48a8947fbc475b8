// A browser as a client: once with nothing but its WebSocket, once through the page itself.
//
// usage: node run.mjs http://127.0.0.1:PORT [FOLDER FOR SCREENSHOTS]

import { mkdir } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import assert from "node:assert/strict";
import axe from "axe-core";
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
  await page.getByRole("button", { name: "Make an account" }).click();
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail").fill(`${name}@example.org`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("heading", { name: "New audit" }).waitFor();
}

async function audit(page, source = SOURCE, candidate = CANDIDATE) {
  await page.getByLabel(/^Source/).fill(source);
  await page.getByLabel(/^Output/).fill(candidate);
  await page.getByRole("button", { name: "Run the audit" }).click();
  await page.locator('.audit[data-status="completed"]').waitFor();
}

/** The text of the output as it is shown, without the shapes that are the page's own. */
const shownOutput = (page) =>
  page.locator(".judged").evaluate((element) => {
    const copy = element.cloneNode(true);
    for (const shape of copy.querySelectorAll(".shape")) shape.remove();
    return copy.textContent;
  });

/** What axe-core finds wrong, which has to be nothing. */
async function isAccessible(page, name) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(" ")}`);
  assert.deepEqual(told, [], `accessibility of ${name}`);
}

/** A picture at desk and at phone width, neither of which may scroll sideways. */
async function pictures(page, shots, name) {
  await isAccessible(page, name);
  for (const [width, height, suffix] of [[1280, 900, ""], [390, 844, "-phone"]]) {
    await page.setViewportSize({ width, height });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.screenshot({ path: join(shots, `${name}${suffix}.png`), fullPage: true });
    assert.ok(overflow <= 0, `${name} is ${overflow} px too wide at ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function throughThePage(page, shots) {
  const name = `person-${randomUUID().slice(0, 8)}`;
  await pictures(page, shots, "log-in");
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill("a wrong password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").filter({ hasText: "user name or the password is wrong" }).waitFor();

  await signUp(page, name);
  assert.ok((await page.locator(".who").textContent()).includes(name));
  assert.equal(await page.getByRole("checkbox", { checked: true }).count(), 4, "the offline judges are chosen");
  await pictures(page, shots, "new-audit");

  await audit(page);
  assert.equal(await shownOutput(page), CANDIDATE, "the text stands there unchanged, its markup as text");
  assert.ok((await page.locator(".judged .claim.bad").count()) >= 1, "a refuted claim is marked");
  assert.ok((await page.locator(".judged .claim.good").count()) >= 1, "a supported claim is marked");
  assert.equal(await page.locator(".card.judge").count(), 4);

  const claim = page.locator(".judged .claim.bad").first();
  await claim.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "The chosen claim" }).locator(".evidence li").first().waitFor();
  assert.ok((await page.locator(".source mark").count()) >= 1, "the evidence is marked in the source");
  await pictures(page, shots, "result");
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(shots, "result-top.png") });
  await page.emulateMedia({ colorScheme: "dark" });
  await pictures(page, shots, "result-dark");
  await page.emulateMedia({ colorScheme: "light" });

  // The login outlives a reload: its refresh token is where no script can read it.
  assert.equal(await page.evaluate(() => document.cookie), "");
  await page.reload();
  await page.locator('.audit[data-status="completed"]').waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}

/** Links, exports, history, comparison, statistics, preferences. */
async function allElse(page, shots) {
  await signUp(page);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "No audits yet" }).waitFor();
  await pictures(page, shots, "history-empty");
  for (const candidate of [CANDIDATE, SOURCE]) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, candidate);
  }

  for (const [button, ending] of [["Report (HTML)", ".html"], ["Report (PDF)", ".pdf"], ["Table (CSV)", ".csv"], ["Everything (JSON)", ".json"]]) {
    await page.getByText("Export", { exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
    assert.ok(file.suggestedFilename().endsWith(ending), file.suggestedFilename());
    assert.equal(await file.failure(), null);
  }

  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByLabel(/^The link/).inputValue();
  await page.screenshot({ path: join(shots, "share.png") });
  const stranger = await page.context().browser().newContext();
  try {
    const other = await stranger.newPage();
    await other.goto(link);
    await other.getByText("Shared for reading").waitFor();
    assert.equal(await shownOutput(other), SOURCE);
    assert.equal(await other.getByRole("button", { name: "Log out" }).count(), 0);
    await pictures(other, shots, "shared");
    await page.getByRole("button", { name: "Take back" }).click();
    await page.getByRole("button", { name: "Take back" }).waitFor({ state: "detached" });
    await other.reload();
    await other.getByRole("heading", { name: "This link leads nowhere" }).waitFor();
  } finally {
    await stranger.close();
  }
  await page.getByRole("button", { name: "Close" }).click();

  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row").nth(1).waitFor();
  await pictures(page, shots, "history");
  await page.getByLabel("Search").fill("sank in 1955");
  await page.locator(".audit-row").nth(1).waitFor({ state: "detached" });
  await page.getByLabel("Search").fill("");
  await page.locator(".audit-row").nth(1).waitFor();
  await page.locator(".audit-row").first().getByRole("button", { name: /^Delete/ }).click();
  await page.locator(".audit-row").nth(1).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(".audit-row").nth(1).waitFor();
  for (const box of await page.locator(".audit-row input").all()) await box.check();
  await page.getByRole("button", { name: "Compare the two" }).click();
  await page.getByRole("rowheader", { name: "Consensus" }).waitFor();
  await pictures(page, shots, "compare");

  await page.getByRole("link", { name: "Statistics" }).click();
  await page.locator(".uplot").waitFor();
  await pictures(page, shots, "statistics");

  await page.getByRole("link", { name: "Preferences" }).click();
  await page.getByLabel("dark").check();
  await page.getByText("Saved").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  await page.getByLabel("dark").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "kept on the server");
  await pictures(page, shots, "preferences");
  await page.goto(`${new URL(page.url()).origin}/#/nowhere`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await page.goto(`${new URL(page.url()).origin}/#/audits/0197c2a0-1f00-7000-8000-000000000001`);
  await page.getByRole("heading", { name: "There is no such audit" }).waitFor();
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
  // Many claims, so that the connection breaks while they are decided.
  const claims = Array.from({ length: 40 }, (_, n) => `Tower ${n + 1} has ${n + 2} floors.`).join(" ");
  await audit(page, SOURCE, claims);
  assert.ok(connections >= 3, `${connections} connections`);
  assert.equal(await page.locator(".judged .claim").count(), 40, "each claim once");
  assert.equal(await page.locator(".judged .claim.undecided").count(), 0);
  assert.equal(await page.locator(".card.judge").count(), 4, "each judge once");
  const id = page.url().split("/").at(-1);
  const seq = Number(await page.locator(".audit").getAttribute("data-seq"));
  assert.ok(id && seq > 45, `${seq} events`);
  const measures = await page.evaluate(() => performance.getEntriesByName("event-to-screen").map((entry) => entry.duration));
  measures.sort((one, other) => one - other);
  console.log(`  event to screen: ${measures.length} events, median ${measures[measures.length >> 1].toFixed(1)} ms, most ${measures.at(-1).toFixed(1)} ms`);
}

async function main() {
  const address = process.argv[2];
  if (!address) throw new Error("usage: node run.mjs http://127.0.0.1:PORT [FOLDER]");
  const shots = process.argv[3] ?? "target/screenshots";
  await mkdir(shots, { recursive: true });
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    headless: true,
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
  const complaints = [];
  let passed = 0;
  let failed = 0;
  try {
    for (const [name, test] of Object.entries({ socketAlone, throughThePage, allElse, comesBack })) {
      // A login stays with its cookie: each test has its own.
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
      context.setDefaultTimeout(DEADLINE);
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // The browser itself reports the refused login.
        if (message.type() === "error" && !/status of 40[14]/.test(message.text())) complaints.push(message.text());
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
      await context.close();
    }
  } finally {
    await browser.close();
  }
  console.log(`browser: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
