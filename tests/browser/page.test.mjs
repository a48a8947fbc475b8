// Through the whole page, as a person goes through it.

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import { Api } from "./api.mjs";
import { settled } from "./layout.mjs";
import {
  CANDIDATE,
  SOURCE,
  audit,
  auditRows,
  claimsIn,
  compareTicked,
  fits,
  hasStatus,
  judgeCards,
  logIn,
  newName,
  openTab,
  pictures,
  seeStatistics,
  shownOutput,
  signUp,
  tickBoth,
} from "./steps.mjs";

export async function throughThePage(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  const name = newName();
  await pictures(world, page, "log-in");
  await logIn(page, name, "a wrong password");
  await page.getByRole("alert").filter({ hasText: "user name or the password is wrong" }).waitFor();
  await page.getByRole("button", { name: "Create account" }).click();
  assert.equal(await page.getByRole("alert").count(), 0, "nothing is wrong with a form that was not sent");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  await page.getByRole("button", { name: "Log in" }).click();

  await signUp(page, name);
  assert.ok((await page.locator(".who").textContent()).includes(name));
  const chosen = page.getByRole("checkbox", { checked: true });
  await chosen.first().waitFor();
  assert.equal(await chosen.count(), 4, "the offline judges are chosen");
  await pictures(world, page, "new-audit");

  await audit(page);
  assert.equal(await shownOutput(page), CANDIDATE, "the text stands there unchanged, its markup as text");
  assert.ok((await page.locator(".judged .claim.contradicted").count()) >= 1, "a refuted claim is marked");
  assert.ok((await page.locator(".judged .claim.supported").count()) >= 1, "a supported claim is marked");
  await openTab(page, "Judges");
  assert.equal(await judgeCards(page).count(), 4);
  await openTab(page, "Texts");

  const claim = page.locator(".judged .claim.contradicted").first();
  await claim.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "The chosen claim" }).locator(".evidence li").first().waitFor();
  assert.ok((await page.locator(".source mark").count()) >= 1, "the evidence is marked in the source");
  await pictures(world, page, "result");
  await saysOnce(page, "Supported");
  await saysOnce(page, "Contradicted");
  await pictures(world, page, "opinion", { at: page.getByText("What do you say?") });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(world.shots, "result-top.png") });
  await page.emulateMedia({ colorScheme: "dark" });
  await pictures(world, page, "result-dark");
  await page.emulateMedia({ colorScheme: "light" });

  // The login outlives a reload: its refresh token is where no script can read it.
  assert.equal(await page.evaluate(() => document.cookie), "");
  await page.reload();
  await hasStatus(page, "completed");
  // On a phone a claim's panel is below what is in view, and comes into it.
  await page.setViewportSize({ width: 390, height: 600 });
  await claim.click();
  await page.getByText("You say “Contradicted”.").waitFor();
  const panel = await page.getByRole("region", { name: "The chosen claim" }).elementHandle();
  await page.waitForFunction((panel) => panel.getBoundingClientRect().top < innerHeight / 2, panel);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}

/** An opinion of the chosen claim: it takes the place of the one before. */
async function saysOnce(page, word) {
  const asked = page.getByRole("group", { name: "What do you say?" });
  await asked.getByRole("button", { name: word, exact: true }).click();
  await asked.getByText(`You say “${word}”.`).waitFor();
  assert.equal(await asked.getByRole("button", { pressed: true }).count(), 1);
}

/** Links, exports, history, comparison, statistics, preferences. */
export async function allElse(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  world.expect(/status of 404/);
  await signUp(page);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "No audits yet" }).waitFor();
  await pictures(world, page, "history-empty");
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
  await page.getByRole("button", { name: "Create link" }).click();
  const link = await page.getByLabel(/^The link/).inputValue();
  await pictures(world, page, "share", { fullPage: false });
  const stranger = await world.page(link);
  await stranger.getByText("Shared for reading").waitFor();
  assert.equal(await shownOutput(stranger), SOURCE);
  assert.equal(await stranger.getByRole("button", { name: "Log out" }).count(), 0);
  await pictures(world, stranger, "shared");
  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByRole("button", { name: "Take back" }).waitFor({ state: "detached" });
  await stranger.reload();
  await stranger.getByRole("heading", { name: "This link leads nowhere" }).waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();

  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row").nth(1).waitFor();
  await pictures(world, page, "history");
  await page.getByLabel("Search").fill("sank in 1955");
  await page.locator(".audit-row").nth(1).waitFor({ state: "detached" });
  await page.getByLabel("Search").fill("");
  await page.locator(".audit-row").nth(1).waitFor();
  await page.locator(".audit-row").first().getByRole("button", { name: /^Delete/ }).click();
  await page.locator(".audit-row").nth(1).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(".audit-row").nth(1).waitFor();
  await tickBoth(page);
  await compareTicked(page);
  await pictures(world, page, "compare");
  await seeStatistics(page);
  await pictures(world, page, "statistics");

  await page.getByRole("link", { name: "Preferences" }).click();
  await page.getByLabel("dark").check();
  await page.getByText("Saved").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await page.reload();
  await page.getByLabel("dark").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "kept on the server");
  await pictures(world, page, "preferences");
  await page.goto(`${new URL(page.url()).origin}/#/nowhere`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await page.goto(`${new URL(page.url()).origin}/#/audits/0197c2a0-1f00-7000-8000-000000000001`);
  await page.getByRole("heading", { name: "There is no such audit" }).waitFor();
}

/** A text comes by a file that is chosen or dropped, or from an example. */
export async function waysToBegin(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  const [source, output] = [page.getByLabel(/^Source/), page.getByLabel(/^Output/)];
  const run = page.getByRole("button", { name: "Run audit", exact: true });
  assert.ok(await run.isDisabled(), "nothing to run yet");
  await page.getByText("Add a source and an output to run the audit.").waitFor();
  await page.getByRole("button", { name: "A ferry's timetable" }).click();
  assert.match(await source.inputValue(), /north quay/);
  assert.match(await output.inputValue(), /90 minutes/);
  assert.match(await page.getByLabel(/^Question/).inputValue(), /When does the ferry leave/);
  assert.ok(await run.isEnabled());

  const files = page.getByLabel(/^Choose /);
  await files.first().setInputFiles({ name: "källa.txt", mimeType: "text/plain", buffer: Buffer.from(SOURCE) });
  await page.getByText(`${[...SOURCE].length} of 200,000 characters`).waitFor();
  assert.equal(await source.inputValue(), SOURCE);
  await files.first().setInputFiles({ name: "picture.txt", mimeType: "text/plain", buffer: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) });
  await page.getByRole("alert").filter({ hasText: "picture.txt is not a text in UTF-8." }).waitFor();
  await files.first().setInputFiles({ name: "nothing.txt", mimeType: "text/plain", buffer: Buffer.from("") });
  await page.getByRole("alert").filter({ hasText: "nothing.txt is empty." }).waitFor();
  assert.equal(await source.inputValue(), SOURCE, "what was there stays");

  const dropped = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "output.md", { type: "text/markdown" }));
    return data;
  }, CANDIDATE);
  for (const type of ["dragover", "drop"]) await output.dispatchEvent(type, { dataTransfer: dropped });
  await page.waitForFunction(([field, text]) => field.value === text, [await output.elementHandle(), CANDIDATE]);
  await run.click();
  await hasStatus(page, "completed");
  assert.equal(await shownOutput(page), CANDIDATE);
}

/** What one can begin with. The pictures of the papers are of these. */
export async function everyExample(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page, "mira");
  const still = async (name, height) => {
    await page.mouse.move(5, height - 5);
    await settled(page);
    await page.screenshot({ path: join(world.shots, `${name}.png`), clip: { x: 0, y: 0, width: 1440, height } });
  };
  const examples = page.getByRole("group", { name: "Examples" }).getByRole("button");
  for (let left = await examples.count(); left > 0; left -= 1) {
    await page.getByRole("link", { name: "New audit" }).click();
    await examples.nth(left - 1).click();
    await page.getByRole("button", { name: "Run audit", exact: true }).click();
    await hasStatus(page, "completed");
    const labels = await Promise.all(["Supported", "Contradicted", "Not supported"].map((word) => claimsIn(page, word).count()));
    assert.ok(labels[0] > 0 && labels[1] + labels[2] > 0, `the claims of an example are of several kinds: ${labels}`);
  }
  // What one came for, as it is shown unasked: the answer, the output with its claims marked, and why one of them is wrong.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("region", { name: "The chosen claim" }).waitFor();
  await still("readme-result", 900);
  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row").nth(2).waitFor();
  await still("readme-history", 420);
}

/** More audits than one page of the list: all of them by scrolling, each once; found, filtered and put in order. */
export async function longHistory(world) {
  const COUNT = 47;
  const server = await world.server();
  const page = await world.page(server.address);
  const username = await signUp(page);
  const other = new Api(server.address);
  await other.logIn(username);
  for (let number = 1; number <= COUNT; number += 1) {
    await other.post("/evaluations", { source_text: SOURCE, candidate_output: `Audit number ${number} of many.` });
  }
  await audit(page);
  await page.getByRole("link", { name: "History" }).click();
  const rows = auditRows(page);
  const titles = () => rows.getByRole("link").locator("b").allInnerTexts();
  await rows.nth(19).waitFor();
  await page.mouse.move(640, 600);
  while ((await rows.count()) <= COUNT) {
    const before = await rows.count();
    await page.mouse.wheel(0, 100_000);
    await rows.nth(before).waitFor();
  }
  const numbers = Array.from({ length: COUNT }, (_, n) => `Audit number ${n + 1} of many.`);
  assert.deepEqual((await titles()).slice(1), [...numbers].reverse(), "the newest first, each once");
  const far = await rows.filter({ hasText: "Audit number 9 of many." }).elementHandle();
  await far.scrollIntoViewIfNeeded();
  await (await far.$("a")).click();
  await page.getByRole("button", { name: "Run audit", exact: true }).waitFor();
  await page.goBack();
  const again = await rows.filter({ hasText: "Audit number 9 of many." }).elementHandle();
  const inView = (row) => row.getBoundingClientRect().top >= 0 && row.getBoundingClientRect().bottom <= innerHeight;
  await page.waitForFunction(inView, again);
  await page.getByLabel("Order").selectOption("oldest first");
  await rows.first().filter({ hasText: numbers[0] }).waitFor();
  await page.getByLabel("Search").fill("number 3");
  await rows.nth(11).waitFor({ state: "detached" });
  assert.deepEqual(await titles(), numbers.filter((text) => text.includes("number 3")));
  // One comes back to the list that one left, also by a reload; the link to the history has all of it.
  await rows.first().getByRole("link").click();
  await page.getByRole("button", { name: "Run audit", exact: true }).waitFor();
  await page.goBack();
  for (const again of [false, true]) {
    if (again) await page.reload();
    await rows.first().filter({ hasText: "Audit number 3 of many." }).waitFor();
    assert.deepEqual(await titles(), numbers.filter((text) => text.includes("number 3")));
    assert.equal(await page.getByLabel("Search").inputValue(), "number 3");
  }
  await page.getByRole("link", { name: "History" }).click();
  await rows.nth(19).waitFor();
  assert.equal(await page.getByLabel("Search").inputValue(), "");
  await page.getByLabel("Status").selectOption("completed");
  await rows.nth(1).waitFor({ state: "detached" });
  assert.equal(await rows.count(), 1);
  await page.getByLabel("Judges' score from").fill("99");
  await page.getByRole("heading", { name: "No audit fits these filters" }).waitFor();
}

/** Of two deletions the first is undone: that one stays, at the server too. */
export async function undoOfTwo(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  const other = new Api(server.address);
  await other.logIn(await signUp(page));
  for (const name of ["kept", "gone"]) await other.post("/evaluations", { source_text: SOURCE, candidate_output: `This is ${name}.` });
  const asked = [];
  page.on("request", (request) => request.method() === "DELETE" && asked.push(request.url()));
  await page.getByRole("link", { name: "History" }).click();
  for (const name of ["kept", "gone"]) await page.getByRole("button", { name: `Delete: This is ${name}.` }).click();
  const deleted = page.waitForResponse((response) => response.request().method() === "DELETE");
  await page.locator(".undo", { hasText: "kept" }).getByRole("button", { name: "Undo" }).click();
  assert.equal((await deleted).status(), 204);
  await page.locator(".undo").waitFor({ state: "detached" });
  await page.reload();
  const rows = auditRows(page);
  await rows.filter({ hasText: "This is kept." }).waitFor();
  assert.equal(await rows.count(), 1);
  assert.equal(asked.length, 1, asked.join());

  // Also from another page and back it can be undone, and what is not undone is deleted once.
  const deletes = () => page.getByRole("button", { name: "Delete: This is kept." }).click();
  const elsewhere = async () => {
    await page.getByRole("link", { name: "Statistics" }).click();
    await page.getByRole("heading", { name: "Statistics" }).waitFor();
  };
  await deletes();
  await elsewhere();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await rows.filter({ hasText: "This is kept." }).waitFor();
  const last = page.waitForResponse((response) => response.request().method() === "DELETE");
  await deletes();
  await elsewhere();
  await page.getByRole("link", { name: "History" }).click();
  await elsewhere();
  assert.equal((await last).status(), 204);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("heading", { name: "No audits yet" }).waitFor();
  assert.equal(await page.getByRole("alert").count(), 0);
  assert.equal(asked.length, 2, asked.join());
}

/** Between a phone and a desk, narrower and wider: nothing is cut off and nothing stands over text. */
export async function everyWidth(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await fits(world, page, "log-in");
  await signUp(page);
  await fits(world, page, "new-audit");
  for (const candidate of [CANDIDATE, SOURCE]) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, candidate);
  }
  await claimsIn(page).first().click();
  await fits(world, page, "result");
  await tickBoth(page);
  await fits(world, page, "history");
  await compareTicked(page);
  await fits(world, page, "compare");
  await seeStatistics(page);
  await fits(world, page, "statistics");
  await page.getByRole("link", { name: "Preferences" }).click();
  await page.getByRole("button", { name: "Change password" }).waitFor();
  await fits(world, page, "preferences");
}

/** The report is a file of its own: it opens without a network, asks for nothing, and runs nothing. */
export async function reportOpens(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  await audit(page);
  await page.getByText("Export", { exact: true }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Report (HTML)" }).click()]);
  const path = join(world.shots, "report.html");
  await file.saveAs(path);
  const asked = [];
  const report = await world.page(null, {
    context: { offline: true },
    before: async (page) => page.on("request", (request) => asked.push(request.url())),
  });
  await report.goto(pathToFileURL(resolve(path)).href);
  await report.getByRole("heading", { level: 1 }).waitFor();
  assert.equal(asked.length, 1, asked.join());
  assert.equal(await report.locator("script").count(), 0);
  assert.equal(await report.locator("b", { hasText: "It sank" }).count(), 0, "markup of the output is text");
  await report.getByText("<b>It sank in 1955.</b>").first().waitFor();
  for (const width of [1280, 390]) {
    await report.setViewportSize({ width, height: 844 });
    const letters = await report.locator("svg:visible text").evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().height));
    assert.ok(letters.length > 10 && Math.min(...letters) > 10, `letters of its charts at ${width} px: ${letters}`);
  }
  await pictures(world, report, "report");
}
