// What people who work with many audits do: name, tag, find, keep views, compare several, run again, take back.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Api } from "./api.mjs";
import { CANDIDATE, SOURCE, audit, auditRows, claimsIn, fits, hasStatus, openTab, pictures, signUp, tagFilter } from "./steps.mjs";

const TITLE = "Name, tags and notes";

/** Fills the dialog in, and saves. */
async function annotate(page, { name, tags, notes }) {
  await page.getByRole("button", { name: /name, tags (or|and) notes/ }).click();
  const dialog = page.getByRole("dialog", { name: TITLE });
  if (name !== undefined) await dialog.getByLabel("Name").fill(name);
  if (tags !== undefined) await dialog.getByLabel("Tags").fill(tags);
  if (notes !== undefined) await dialog.getByLabel("Notes").fill(notes);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
}

const titles = (page) => auditRows(page).locator("th b").allInnerTexts();

/** Until these are the rows. */
async function rowsAre(page, expected) {
  await page.waitForFunction(
    (wanted) => JSON.stringify([...document.querySelectorAll(".audit-row th b")].map((title) => title.textContent)) === JSON.stringify(wanted),
    expected,
  );
}

export async function namedTaggedAndFound(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  const who = await signUp(page);
  const outputs = [CANDIDATE, SOURCE, "The crossing takes 40 minutes."];
  const names = ["Long prompt", "Copy", "Short prompt"];
  for (const [place, output] of outputs.entries()) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, output);
    await annotate(page, { name: names[place], tags: place < 2 ? "ferry,  weekly , ferry" : "", notes: place === 2 ? "Ask the harbour master." : "" });
    await page.locator(".audit-title").getByText(names[place]).waitFor();
  }
  await page.getByText("Ask the harbour master.").waitFor();
  await page.reload();
  await page.getByText("Ask the harbour master.").waitFor();

  await page.getByRole("link", { name: "History" }).click();
  await rowsAre(page, ["Short prompt", "Copy", "Long prompt"]);
  await page.getByLabel("Search").fill("harbour master");
  await rowsAre(page, ["Short prompt"]);
  await page.getByLabel("Search").fill("WEEKLY");
  await rowsAre(page, ["Copy", "Long prompt"]);
  await page.getByLabel("Search").fill("");
  await tagFilter(page).selectOption("ferry");
  await rowsAre(page, ["Copy", "Long prompt"]);
  assert.match(page.url(), /tag=ferry/);

  // The filters are kept under a name, here and for this person alone, also over a reload.
  await page.getByRole("button", { name: "Keep this view" }).click();
  await page.getByLabel("Name of the view").fill("Ferries");
  await page.keyboard.press("Enter");
  const view = page.getByRole("button", { name: "Ferries", exact: true });
  assert.equal(await view.getAttribute("aria-pressed"), "true");
  await page.getByRole("button", { name: "All audits" }).click();
  await rowsAre(page, ["Short prompt", "Copy", "Long prompt"]);
  await page.reload();
  await view.click();
  await rowsAre(page, ["Copy", "Long prompt"]);
  await pictures(world, page, "history-of-a-view");
  await page.getByRole("button", { name: "Forget the view: Ferries" }).click();
  await view.waitFor({ state: "detached" });

  // Last week's worst comes first.
  await page.getByRole("button", { name: "Worst of 7 days" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".audit-row").length === 3);
  assert.equal((await titles(page))[0], "Long prompt");

  // Several are tagged, exported and compared at once.
  await page.getByRole("checkbox", { name: "Choose all that are shown" }).check();
  await page.getByText("3 audits chosen").waitFor();
  await page.getByRole("button", { name: "Tag them" }).click();
  const dialog = page.getByRole("dialog", { name: "Tag 3 audits" });
  await dialog.getByLabel("Tags").fill("seen");
  await pictures(world, page, "tag-several", { fullPage: false });
  await dialog.getByRole("button", { name: "Add these tags" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.waitForFunction(() => [...document.querySelectorAll(".audit-row")].every((row) => row.textContent.includes("seen")));
  const other = new Api(server.address);
  await other.logIn(who);
  const { items } = await other.get("/tags");
  assert.deepEqual(items, [
    { tag: "ferry", evaluations: 2 },
    { tag: "seen", evaluations: 3 },
    { tag: "weekly", evaluations: 2 },
  ]);
  const exported = async (kind) => {
    await page.getByText("Export them", { exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: kind }).click()]);
    return readFile(await file.path(), "utf8");
  };
  const lines = (await exported("Table (CSV), a line each")).split("\r\n");
  assert.equal(lines.length, 5, "the head, three audits, and the end of the last line");
  assert.match(lines[0], /^\ufeffid,name,question,/);
  assert.match(lines[1], /,Long prompt,/);
  const whole = JSON.parse(await exported("Everything (JSON)"));
  assert.deepEqual(whole.map(({ name }) => name), ["Long prompt", ...(await titles(page)).slice(1)]);

  await page.getByRole("button", { name: "Compare the 3" }).click();
  const figures = page.getByRole("table").first();
  for (const name of ["First", "Second", "Third"]) await figures.getByRole("columnheader", { name }).waitFor();
  await page.getByLabel("compared with this one").selectOption("Third");
  await page.getByRole("region", { name: "Outputs, word by word" }).getByText(/only in the third|too different/).first().waitFor();
  await pictures(world, page, "compare-three");
  await fits(world, page, "a comparison of three");

  await page.getByRole("link", { name: "Statistics" }).click();
  await tagFilter(page).selectOption("ferry");
  await page.locator(".figure-card").filter({ hasText: "Audits" }).getByText("2", { exact: true }).waitFor();
  assert.match(page.url(), /#\/statistics\?tag=ferry/);
}

export async function runAgainEditedAndTakenBack(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  await audit(page);

  // An opinion is given, changed, and taken back for good.
  await claimsIn(page, "Contradicted").first().click();
  const panel = page.getByRole("region", { name: "The chosen claim" });
  const say = (word) => panel.locator(".opinion .choice-chip").filter({ hasText: word });
  await say("✓ Supported").click();
  await panel.getByText("You say “Supported”. That is kept.").waitFor();
  await say("? Not supported").click();
  await panel.getByText("You say “Not supported”. That is kept.").waitFor();
  await panel.getByRole("button", { name: "Take it back" }).click();
  await panel.getByText(/You say/).waitFor({ state: "detached" });
  assert.equal(await panel.locator('.choice-chip[aria-pressed="true"]').count(), 0);
  await page.reload();
  await claimsIn(page, "Contradicted").first().click();
  await panel.getByText("What do you say?").waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await panel.getByText(/You say/).count(), 0, "not an earlier one either");

  await page.getByRole("button", { name: "Run again" }).click();
  await hasStatus(page, "completed");
  await openTab(page, "Runs");
  const runs = page.getByRole("region", { name: "Runs" }).or(page.getByRole("tabpanel", { name: "Runs" })).first();
  await runs.getByRole("row").nth(2).waitFor();
  assert.equal(await runs.getByRole("row").count(), 3, "the head and two runs");
  await pictures(world, page, "runs");

  await page.getByRole("button", { name: "Edit and run" }).click();
  await page.getByRole("heading", { name: "New audit" }).waitFor();
  assert.equal(await page.getByLabel(/^Output/).inputValue(), CANDIDATE);
  await page.getByLabel(/^Output/).fill("The crossing takes 40 minutes.");
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  await hasStatus(page, "completed");
  await page.getByRole("heading", { level: 1, name: "The one claim is supported by the source." }).waitFor();
}

/** On a phone all pages are behind one button, on one line. */
export async function pagesOnAPhone(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { viewport: { width: 390, height: 844 } } });
  await signUp(page);
  const bar = page.getByRole("banner");
  const box = await bar.boundingBox();
  assert.ok(box.height < 64, `${box.height} px`);
  const nav = page.getByRole("navigation", { name: "Pages" });
  for (const name of ["History", "Collections", "Statistics", "Preferences", "New audit"]) {
    await nav.locator("summary").click();
    await nav.getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    assert.equal(await nav.locator("summary").innerText(), name);
    assert.equal(await nav.getByRole("link").count(), 0, "closed again");
  }
  await nav.locator("summary").click();
  await page.keyboard.press("Escape");
  assert.equal(await nav.getByRole("link").count(), 0);
  const cut = await page.evaluate(() => [...document.querySelectorAll(".top nav, .top nav *")].filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1).map(({ outerHTML }) => outerHTML.slice(0, 80)));
  assert.deepEqual(cut, []);
}

/** Whoever's browser goes wrong gets a page that leads on. */
export async function wrongAddress(world) {
  const server = await world.server();
  world.expect(/status of 404/);
  const page = await world.page(null);
  const answer = await page.goto(`${server.address}/nothing/here`);
  assert.equal(answer.status(), 404);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  await pictures(world, page, "wrong-address");
  await page.getByRole("link", { name: "Go to Judge Auditor" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
}
