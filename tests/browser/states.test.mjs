// Errors and empty pages as a person meets them: a state of its own each, never a code.

import assert from "node:assert/strict";
import { messageOf } from "./frames.mjs";
import { DEADLINE, within } from "./wait.mjs";
import { Api } from "./api.mjs";
import { CANDIDATE, PASSWORD, SOURCE, audit, banner, beginWith, claimsIn, fillIn, hasStatus, judgeCards, logIn, openTab, pictures, signUp } from "./steps.mjs";

const DRAINING = /The server is about to restart\. This page comes back by itself, and the audit goes on\./;
/** What the browser itself reports of a server that is away. */
const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|status of 503|Unexpected response code: 503/;

const trouble = (page, text) => page.getByRole("alert").filter({ hasText: text });

/** No state says its error's code or status. */
async function saysNoCode(page, where = page.getByRole("main")) {
  const text = await where.innerText();
  assert.ok(!/\b(4\d\d|5\d\d)\b(?![.\d]|\s*ms)|rate_limited|all_judges_failed|unauthenticated|undefined|null|\bauth\b|\[object/.test(text), text);
}

/** What the server says in the middle of a line, the page says in sentences. */
async function saysSentences(page) {
  const said = await page.locator(".notice").locator("p, li").allInnerTexts();
  assert.ok(said.length > 0);
  for (const text of said) assert.match(text, /^[^a-z].*[.?!]$/s);
}

/** Done when the tab is asked to leave, but not at once. */
const toLeaveLater = async (tab) => {
  await messageOf(tab, ({ type, data }) => type === "drain" && data.reconnect_after_ms > 0);
  return tab;
};

export async function serverDrains(world) {
  const model = await world.model({ held: true });
  const server = await world.server({ config: model.judge("slow"), settings: { AUDITOR_SERVER__DRAIN_MS: "100000" } });
  world.expect(AWAY);
  const page = await world.page(server.address);
  await signUp(page);
  await beginWith(page, ["slow"]);
  await model.asked(1);
  const path = new URL(page.url()).hash;
  const other = await page.context().newPage();
  const later = Promise.any([page, other].map((tab) => toLeaveLater(tab)));
  // Both anew, so that their sockets are listened to.
  for (const tab of [page, other]) {
    const joined = messageOf(tab, ({ type }) => type === "session_joined");
    await tab.goto("about:blank");
    await tab.goto(`${server.address}/${path}`);
    await within(DEADLINE, joined, "a socket of each tab");
    await openTab(tab, "Judges");
    await judgeCards(tab).nth(3).waitFor();
  }

  server.drain();
  // Of two, one is asked to leave at once and the other in the middle of the window.
  const told = await within(DEADLINE, later, "the request to leave");
  const free = told === page ? other : page;
  await told.bringToFront();
  await pictures(world, told, "draining", { fullPage: false });
  assert.ok(await banner(told, DRAINING).isVisible(), "and stays until then");
  await saysNoCode(told);

  // What is begun now is refused, with the reason.
  await free.bringToFront();
  await free.getByRole("link", { name: "New audit" }).click();
  await fillIn(free);
  await free.getByRole("button", { name: "Run audit", exact: true }).click();
  await trouble(free, "The server is being restarted.").waitFor();
  await pictures(world, free, "draining-refused");
  assert.equal(await free.getByLabel(/^Source/).inputValue(), SOURCE, "what was typed is kept");
  await free.close();

  await server.hurry();
  await server.start();
  await model.asked(2);
  model.release();
  await hasStatus(told, "completed");
  assert.equal(await judgeCards(told).count(), 5);
  await banner(told, /restart|connection|connecting/i).waitFor({ state: "detached" });
}

/** Another run that costs something is asked about, where a person sees it. */
async function askedAgain(page) {
  const question = page.getByRole("status").filter({ hasText: "Run it again?" });
  await question.waitFor();
  await page.waitForFunction((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }, await question.elementHandle());
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
}

/** Before, in the middle, and ended by the person: what was found until then is kept. */
export async function runIsCancelled(world) {
  const model = await world.model({ held: true });
  const price = '[[prices]]\nmodel = "scripted-1"\ninput_usd_per_million = 100\noutput_usd_per_million = 100\n';
  const server = await world.server({ config: model.judge("slow") + price });
  const page = await world.page(server.address);
  await signUp(page);
  await fillIn(page);
  await page.getByRole("checkbox", { name: "slow" }).check();
  await page.getByRole("button", { name: "See what it costs" }).click();
  await page.getByText(/at most [\d,]+ tokens: \$\d/).waitFor();
  await pictures(world, page, "not-run-yet");
  // Who sees the price and wants it otherwise has the texts still, and no audit too many.
  await page.getByRole("button", { name: "Change it" }).click();
  await page.getByRole("checkbox", { name: "slow", checked: true }).waitFor();
  assert.equal(await page.getByLabel(/^Source/).inputValue(), SOURCE);
  await page.getByLabel(/^Question/).fill("When?");
  await page.getByRole("button", { name: "See what it costs" }).click();
  await page.getByRole("heading", { name: "When?" }).waitFor();
  await page.goBack();
  assert.equal(await page.getByLabel(/^Question/).inputValue(), "When?");
  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row").waitFor();
  assert.equal(await page.locator(".audit-row").count(), 1);
  await page.locator(".audit-row").getByRole("link").click();
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  await model.asked(1);
  await openTab(page, "Judges");
  await judgeCards(page).nth(3).waitFor();
  await openTab(page, "Texts");
  const progress = page.getByRole("progressbar", { name: "Progress of the whole run" });
  const value = Number(await progress.getAttribute("value"));
  assert.ok(value > 0 && value < 100, `${value} %`);
  await page.getByRole("status").filter({ hasText: "4 of 4 claims decided" }).waitFor();
  await pictures(world, page, "running");
  await page.getByRole("button", { name: "Cancel" }).click();
  await hasStatus(page, "cancelled");
  await banner(page, "The run was cancelled").waitFor();
  assert.equal(await claimsIn(page, "Contradicted").count(), 1, "kept");
  await openTab(page, "Judges");
  const late = page.getByRole("article", { name: "Judge slow" });
  await late.getByText("no score").waitFor();
  assert.equal(await judgeCards(page).getByText("no score").count(), 1, "the other four are kept");
  assert.equal(await judgeCards(page).count(), 5);
  assert.equal(await progress.count(), 0);
  await pictures(world, page, "cancelled");
  // Another run of the same audit begins anew.
  model.release();
  await page.getByRole("button", { name: "Run again" }).click();
  await askedAgain(page);
  await hasStatus(page, "completed");
  assert.equal(await judgeCards(page).count(), 5);
  assert.equal(await judgeCards(page).getByText("no score").count(), 0);
}

/** The list of audits follows a run, without being asked. */
export async function listFollows(world) {
  const model = await world.model({ held: true });
  const server = await world.server({ config: model.judge("slow") });
  const page = await world.page(server.address);
  await signUp(page);
  await beginWith(page, ["slow"]);
  await model.asked(1);
  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row", { hasText: "in progress" }).waitFor();
  model.release();
  await page.locator(".audit-row", { hasText: "completed" }).waitFor();
}

export async function tooOften(world) {
  const settings = { AUDITOR_LIMITS__STARTS_PER_MINUTE: "1", AUDITOR_LIMITS__LOGINS_PER_MINUTE: "2" };
  const server = await world.server({ settings });
  world.expect(/status of 429/);
  const page = await world.page(server.address);
  const name = await signUp(page);
  await audit(page);
  await page.getByRole("button", { name: "Run again" }).click();
  const refusal = trouble(page, "That was too often in too short a time.");
  await refusal.waitFor();
  await page.getByText(/You can try again in \d+ s\./).waitFor();
  await pictures(world, page, "too-often", { fullPage: false });
  await saysNoCode(page);
  await hasStatus(page, "completed");

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  for (const password of ["a wrong password", "another wrong one"]) {
    await logIn(page, name, password);
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Log in" }).and(page.locator(":enabled")).waitFor();
  }
  await logIn(page, name);
  await refusal.waitFor();
  await page.getByText(/You can try again in \d+ s\./).waitFor();
  await pictures(world, page, "too-often-login");
}

/** The browser's cookie of the login is gone with its time. */
async function loginIsOver(page) {
  const gone = (async () => {
    while ((await page.context().cookies()).length > 0) await page.evaluate(() => new Promise((next) => requestAnimationFrame(next)));
  })();
  await within(DEADLINE, gone, "the end of the login");
}

export async function loginEnds(world) {
  const server = await world.server({ settings: { AUDITOR_AUTH__ACCESS_TTL_S: "6", AUDITOR_AUTH__REFRESH_TTL_S: "6" } });
  const page = await world.page(server.address);
  const name = await signUp(page);
  await loginIsOver(page);
  await page.getByRole("link", { name: "History" }).click();
  await banner(page, "Your login has ended. Log in to go on where you were.").waitFor();
  await pictures(world, page, "login-ended");
  await saysNoCode(page);
  await logIn(page, name);
  await page.getByRole("heading", { name: "No audits yet" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "History" }).getAttribute("aria-current"), "page", "where one was");
}

/** Somebody changes the password elsewhere: the live connection ends too, and the audit does not. */
export async function loginEndedElsewhere(world) {
  const model = await world.model({ held: true });
  const server = await world.server({ config: model.judge("slow") });
  const page = await world.page(server.address);
  const name = await signUp(page);
  await beginWith(page, ["slow"]);
  await model.asked(1);
  await openTab(page, "Judges");
  await judgeCards(page).nth(3).waitFor();

  const elsewhere = await world.page(server.address);
  await logIn(elsewhere, name);
  await elsewhere.getByRole("link", { name: "Preferences" }).click();
  const fresh = `${PASSWORD}-2`;
  await elsewhere.getByLabel("The one you have").fill(PASSWORD);
  await elsewhere.getByLabel("The new one").fill(fresh);
  await elsewhere.getByRole("button", { name: "Change password" }).click();
  await banner(elsewhere, "The password is changed. Every other login has ended.").waitFor();

  await banner(page, "Your login has ended. Log in to go on where you were.").waitFor();
  await logIn(page, name, fresh);
  await hasStatus(page, "in_progress");
  model.release();
  await hasStatus(page, "completed");
  await openTab(page, "Judges");
  await judgeCards(page).nth(4).waitFor();
  assert.equal(await judgeCards(page).count(), 5);
}

export async function everyJudgeFails(world) {
  const model = await world.model({ status: 401, message: "Incorrect API key provided" });
  const server = await world.server({ config: model.judge("keyless", "max_attempts = 1") });
  const page = await world.page(server.address);
  await signUp(page);
  for (const name of ["neural", "facts", "logic", "lexical"]) await page.getByRole("checkbox", { name: new RegExp(`^${name}`) }).uncheck();
  await beginWith(page, ["keyless"]);
  await hasStatus(page, "failed");
  const end = trouble(page, "No result: too few judges gave a score");
  await end.waitFor();
  await page.getByText("add an offline judge").waitFor();
  await openTab(page, "Judges");
  assert.equal(await judgeCards(page).count(), 1);
  await judgeCards(page).getByText("The key was not accepted").waitFor();
  await pictures(world, page, "every-judge-failed");
  await saysNoCode(page, end);
  await saysSentences(page);
  // Trying again is offered, and is a new run.
  await judgeCards(page).getByRole("button", { name: "Run audit again" }).click();
  await askedAgain(page);
  await model.asked(2);
  await hasStatus(page, "failed");
}

/** One judge of five fails: the figures rest on the others, and the page says so. */
export async function oneJudgeFails(world) {
  const model = await world.model({ status: 500, message: "the model has fallen over" });
  const server = await world.server({ config: model.judge("broken", "max_attempts = 1") });
  const page = await world.page(server.address);
  await signUp(page);
  await beginWith(page, ["broken"]);
  await hasStatus(page, "completed");
  await banner(page, "Not every judge was heard: the figures rest on the others.").waitFor();
  await openTab(page, "Judges");
  const card = page.getByRole("article", { name: "Judge broken" });
  await card.getByText("no score").waitFor();
  await card.getByRole("button", { name: "Run audit again" }).waitFor();
  assert.equal(await judgeCards(page).getByText("no score").count(), 1);
  await openTab(page, "Figures");
  await page.getByText("n = 4").waitFor();
  await openTab(page, "Judges");
  await saysSentences(page);
  await pictures(world, page, "one-judge-failed");
}

/** An audit with a time limit of its own, made by another client; and one that is deleted there while it is looked at. */
export async function otherClients(world) {
  const model = await world.model({ held: true });
  const server = await world.server({ config: model.judge("slow") });
  const page = await world.page(server.address);
  const other = new Api(server.address);
  await other.logIn(await signUp(page));
  const made = (config) => other.post("/evaluations", { source_text: SOURCE, candidate_output: CANDIDATE, config });
  const limited = await made({ judges: ["lexical", "slow"], deadline_ms: 5000 });
  await page.goto(`${server.address}/#/audits/${limited.id}`);
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  await hasStatus(page, "cancelled");
  await banner(page, "it took longer than its time limit").waitFor();
  await openTab(page, "Judges");
  await judgeCards(page).getByText("The run ended before it answered.").waitFor();
  await pictures(world, page, "time-limit");

  const doomed = await made({ judges: ["lexical"] });
  await page.goto(`${server.address}/#/audits/${doomed.id}`);
  await page.getByRole("button", { name: "Run audit", exact: true }).waitFor();
  // What another client does is seen here at once.
  await other.post(`/evaluations/${doomed.id}/start`, {});
  await hasStatus(page, "completed");
  await other.remove(`/evaluations/${doomed.id}`);
  await page.getByRole("heading", { name: "This audit was deleted" }).waitFor();
  await pictures(world, page, "deleted-elsewhere");
}

export async function nothingYet(world) {
  const server = await world.server();
  world.expect(/status of 404|ERR_FAILED/);
  const page = await world.page(server.address);
  await signUp(page);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "No audits yet" }).waitFor();
  await pictures(world, page, "history-empty");
  await page.getByLabel("Search").fill("a word that is nowhere");
  await page.getByRole("heading", { name: "No audit fits these filters" }).waitFor();
  await pictures(world, page, "history-nothing-fits");
  await page.getByLabel("Search").fill("");
  await page.getByRole("link", { name: "Run the first one" }).click();
  await page.getByRole("heading", { name: "New audit" }).waitFor();
  await page.getByRole("link", { name: "Statistics" }).click();
  await page.getByRole("heading", { name: "No audits in these days" }).waitFor();
  await pictures(world, page, "statistics-empty");
  for (const [path, heading, name] of [
    ["#/nowhere", "There is no such page", "no-such-page"],
    ["#/audits/0197c2a0-1f00-7000-8000-000000000001", "There is no such audit", "no-such-audit"],
    ["shared/nothing-has-this-name", "This link leads nowhere", "no-such-link"],
  ]) {
    await page.goto(`${server.address}/${path}`);
    await page.getByRole("heading", { name: heading }).waitFor();
    await pictures(world, page, name);
    await saysNoCode(page);
  }

  // A form whose judges can't be read has them when they can be, and what was typed.
  await page.route("**/api/v1/judges", (route) => route.abort());
  await page.goto(`${server.address}/#/`);
  await trouble(page, "The server can't be reached.").waitFor();
  await page.getByLabel(/^Source/).fill(SOURCE);
  await page.getByLabel(/^Output/).fill(CANDIDATE);
  await pictures(world, page, "judges-unread");
  assert.ok(await page.getByRole("button", { name: "Run audit", exact: true }).isDisabled());
  await page.unroute("**/api/v1/judges");
  await trouble(page, "The server can't be reached.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  await hasStatus(page, "completed");

  // A page whose server can't be asked: it says so, and goes on when asked again.
  await page.route("**/api/v1/auth/refresh", (route) => route.abort());
  await page.goto(`${server.address}/#/history`);
  await page.reload();
  await trouble(page, "The server can't be reached.").waitFor();
  await pictures(world, page, "unreachable");
  await page.unroute("**/api/v1/auth/refresh");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".audit-row").waitFor();
}
