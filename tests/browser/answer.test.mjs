// A result says first what it says, and a claim can be gone to, filtered, shown to others, and printed.

import assert from "node:assert/strict";
import { Api } from "./api.mjs";
import { showFinished } from "./fixture.mjs";
import { settled } from "./layout.mjs";
import { SOURCE, CANDIDATE, audit, auditRows, compareTicked, fillIn, fits, openTab, pictures, signUp, tickBoth } from "./steps.mjs";

const panelOf = (page) => page.getByRole("region", { name: "The chosen claim" });
const filterOf = (page, name) => page.getByRole("group", { name: "Show claims" }).getByRole("button", { name: new RegExp(`${name} \\d`) });

async function begun(world, shape) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { viewport: { width: 1440, height: 900 } } });
  const other = new Api(server.address);
  await other.logIn(await signUp(page));
  const { told, path } = await showFinished(page, server.address, other, shape);
  return { page, told, path };
}

/** What one came for is in view at once, on a desk and on a phone, with the texts beside it. */
export async function answerFirst(world) {
  const { page, path } = await begun(world);
  await page.goto(path);
  const title = page.getByRole("heading", { level: 1, name: "1 of 11 claims contradicts the source; 2 are not supported." });
  await title.waitFor();
  await page.getByText("3 % likely that the source supports all of it").waitFor();
  await page.getByText("Flagged: below the threshold of 45 %").waitFor();
  assert.equal(await page.title(), "1 of 11 claims contradicts the source; 2 are not supported. · Judge Auditor");
  // The claim that decides is chosen, with its evidence marked in the source, and nothing has to be scrolled.
  await panelOf(page).getByText("Claim 3 of 11").waitFor();
  await panelOf(page).getByText("The source says 43 metres, the claim says 140 metres.").waitFor();
  assert.equal(await page.locator("mark.main").innerText(), "Pier 3 of the harbour is 43 metres long and was built in 1903.");
  for (const what of [title, panelOf(page), page.locator(".judged"), page.locator("mark.main")]) {
    const { y, height } = await what.boundingBox();
    assert.ok(y >= 0 && y + Math.min(height, 40) <= 900, `in view: ${y}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await settled(page);
  const { y } = await title.boundingBox();
  assert.ok(y < 150, `the sentence is the first thing on a phone: ${y}`);
  await page.setViewportSize({ width: 1440, height: 900 });

  // What it rests on is behind it.
  for (const [tab, heading] of [["Figures", "Do the judges agree?"], ["Judges", "neural"], ["Cost", "Cost and time"], ["Log", "Log"], ["Settings", "Settings of this audit"]]) {
    await openTab(page, tab);
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
    await pictures(world, page, `part-${tab.toLowerCase()}`);
  }
}

/** A filter leaves out the others; the address leads back to the claim. */
export async function claimsByFilterAndAddress(world) {
  const { page, path } = await begun(world);
  await page.goto(`${path}?claim=9`);
  await panelOf(page).getByText("Claim 9 of 11").waitFor();
  await panelOf(page).getByText("Pier 9 is 49 metres long and made of oak.").waitFor();
  await filterOf(page, "Not supported").click();
  assert.equal(await page.locator(".claim:not(.back)").count(), 2);
  await page.keyboard.press("k");
  await panelOf(page).getByText("Claim 5 of 11").waitFor();
  await page.keyboard.press("k");
  await panelOf(page).getByText("Claim 5 of 11").waitFor();
  await page.waitForURL(/show=unsupported&claim=5$/);
  await page.reload();
  await panelOf(page).getByText("Claim 5 of 11").waitFor();
  assert.equal(await filterOf(page, "Not supported").getAttribute("aria-pressed"), "true");
  await filterOf(page, "Judges differ").click();
  assert.equal(await page.locator(".claim:not(.back)").count(), 1);
  await page.keyboard.press("k");
  await panelOf(page).getByText("Claim 3 of 11").waitFor();
  assert.equal(await panelOf(page).getByText("≠ differs").count(), 1, "whose view is another one");
  // Nobody's typing goes through the claims.
  await page.keyboard.press("Escape");
  await page.getByText("Choose a claim to see what decides it.").waitFor();
}

/** Several sources stand under their names, and evidence is marked in the one that it is from. */
export async function evidenceInNamedSources(world) {
  const { page, told, path } = await begun(world, { claims: 11, chars: 4_000, twoSources: true });
  await page.goto(path);
  await panelOf(page).waitFor();
  const source = page.getByRole("region", { name: "Source text" });
  assert.deepEqual(await source.getByRole("heading", { level: 3 }).allInnerTexts(), ["Harbour survey", "minutes.md"]);
  const sentence = (pier) => `Pier ${pier} of the harbour is ${pier + 40} metres long and was built in ${1900 + pier}.`;
  /** In the page: the heading over the mark. */
  const nameOver = (mark) => {
    let above = mark.closest("p");
    while (above && !above.matches("h3")) above = above.previousElementSibling;
    return above?.textContent;
  };
  for (const [claim, name] of [[3, "Harbour survey"], [9, "minutes.md"]]) {
    await page.locator("[data-claim]").nth(claim - 1).click();
    await panelOf(page).getByText(`Claim ${claim} of 11`).waitFor();
    const mark = source.locator("mark.main");
    assert.equal(await mark.innerText(), sentence(claim));
    assert.equal(await mark.evaluate(nameOver), name);
    assert.ok(await panelOf(page).getByRole("button", { name: `Show in “${name}”` }).isVisible());
    const { top, bottom } = await mark.evaluate((element) => {
      const box = element.closest(".source").getBoundingClientRect();
      const { top, bottom } = element.getBoundingClientRect();
      return { top: top - box.top, bottom: box.bottom - bottom };
    });
    assert.ok(top > 0 && bottom > 0, `in view: ${top}, ${bottom}`);
  }
  const shown = await source.locator("p").allInnerTexts();
  assert.equal(shown.join("").replace(/\s/g, ""), told.source_text.replace(/\s/g, ""), "all of the text, once");
  // What the claim cites is said beside it, with what that source says of it alone.
  await page.locator("[data-claim]").nth(2).click();
  await panelOf(page).getByRole("heading", { name: "What it cites, by itself" }).waitFor();
  const cited = panelOf(page).getByRole("listitem");
  assert.match(await cited.filter({ hasText: /^Harbour survey/ }).innerText(), /Contradicted/);
  await cited.getByText("no source of this name").waitFor();
  await pictures(world, page, "named-sources");
}

/** All marks together are one stop, however many there are. */
export async function fewTabStops(world) {
  const { page, path } = await begun(world, { claims: 300, chars: 200_000 });
  await page.goto(path);
  await panelOf(page).waitFor();
  const stops = await page.evaluate(
    () => [...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]")].filter((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility()).length,
  );
  console.log(`  ${stops} stops of Tab with 300 claims`);
  assert.ok(stops < 45, `${stops}`);
}

/** On paper everything is there, whatever was looked at. */
export async function printsTheWhole(world) {
  const { page, path } = await begun(world, { claims: 60, chars: 20_000 });
  await page.goto(path);
  await panelOf(page).waitFor();
  await page.emulateMedia({ media: "print" });
  for (const text of ["Do the judges agree?", "Cost and time", "Settings of this audit"]) assert.ok(await page.getByText(text).isVisible(), text);
  assert.ok(await page.getByText("Pier 60 is 100 metres long and made of oak.").first().isVisible());
  for (const box of [".pane-text", ".source"]) {
    const cut = await page.locator(box).evaluate((element) => element.scrollHeight - element.clientHeight);
    assert.ok(cut <= 2, `${box}: ${cut} px are cut off`);
  }
}

/** What was typed outlives a reload and an example; the button says what it waits for. */
export async function draftIsKept(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  const [source, output] = [page.getByLabel(/^Source/), page.getByLabel(/^Output/)];
  const run = page.getByRole("button", { name: "Run audit", exact: true });
  await source.fill(SOURCE);
  await page.getByText("Add an output to run the audit.").waitFor();
  await page.getByRole("button", { name: "A ferry's timetable" }).click();
  await page.getByText("Replace what you have typed by “A ferry's timetable”?").waitFor();
  assert.equal(await source.inputValue(), SOURCE);
  await page.getByRole("button", { name: "Keep mine" }).click();
  await output.fill("x".repeat(50_001));
  await page.getByText("Output: 1 character too many.").waitFor();
  assert.ok(await run.isDisabled());
  await output.fill(CANDIDATE);
  await page.reload();
  await page.waitForFunction(([field, text]) => field.value === text, [await output.elementHandle(), CANDIDATE]);
  assert.equal(await source.inputValue(), SOURCE);
  await page.getByRole("button", { name: "A ferry's timetable" }).click();
  await page.getByRole("button", { name: "Replace it" }).click();
  assert.match(await source.inputValue(), /north quay/);
  // Another example takes the place of one that nobody has changed.
  await page.getByRole("button", { name: "A quarterly report" }).click();
  assert.match(await source.inputValue(), /Larch & Hale/);
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("draft")), null, "whoever logs out leaves no texts behind");
}

/** Several sources have names of their own: typed, from files, in the audit, and when it is edited as a new one. */
export async function severalSourcesByName(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  const run = page.getByRole("button", { name: "Run audit", exact: true });
  await page.getByRole("button", { name: "Several sources" }).click();
  assert.ok(await page.getByLabel("Name of source 1").evaluate((field) => field === document.activeElement), "one goes on where the names are");
  await page.getByLabel("Name of source 1").fill("Timetable");
  await page.getByLabel("Text of “Timetable”").fill("The ferry to Holm leaves at 7.15 every morning.");
  await page.getByLabel(/^Output/).fill("The ferry to Holm leaves at 7.15. The crossing takes 90 minutes.");
  await page.getByText("Give each source a name and a text, or remove it.").waitFor();
  await page.getByLabel("Name of source 2").fill("Timetable");
  await page.locator(".sources textarea").nth(1).fill("The crossing takes 40 minutes.");
  await page.getByText("Give each source a name of its own.").waitFor();
  assert.ok(await run.isDisabled());
  await page.getByLabel("Name of source 2").fill("Leaflet");
  await pictures(world, page, "several-sources");
  await fits(world, page, "a form with several sources");
  await page.reload();
  await page.getByLabel("Text of “Leaflet”").waitFor();
  await run.click();
  const source = page.getByRole("region", { name: "Source text" });
  await source.getByRole("heading", { name: "Leaflet" }).waitFor();
  assert.deepEqual(await source.getByRole("heading").allInnerTexts(), ["Timetable", "Leaflet"]);
  await page.getByRole("region", { name: "Output" }).getByRole("button", { name: /The crossing takes 90 minutes/ }).click();
  await panelOf(page).getByRole("button", { name: "Show in “Leaflet”" }).waitFor();
  assert.equal(await source.locator("mark.main").innerText(), "The crossing takes 40 minutes.");

  await page.getByRole("button", { name: "Edit and run" }).click();
  await page.getByLabel("Text of “Leaflet”").waitFor();
  assert.equal(await page.getByLabel("Text of “Leaflet”").inputValue(), "The crossing takes 40 minutes.");
  // One that is left needs no name.
  await page.getByRole("button", { name: "Remove: Timetable" }).click();
  const single = page.getByLabel(/^Source/);
  await page.waitForFunction((field) => field.value === "The crossing takes 40 minutes." && field === document.activeElement, await single.elementHandle());
  // Files keep theirs.
  await single.fill("");
  const files = ["one", "two"].map((name) => ({ name: `${name}.txt`, mimeType: "text/plain", buffer: Buffer.from(`This is ${name}.`) }));
  await page.getByLabel(/^Choose files/).setInputFiles(files);
  assert.equal(await page.getByLabel("Name of source 2").inputValue(), "two.txt");
  assert.equal(await page.getByLabel("Text of “one.txt”").inputValue(), "This is one.");
  // An example takes their place only when that is said.
  await page.getByRole("button", { name: "A ferry's timetable" }).click();
  await page.getByRole("button", { name: "Replace it" }).click();
  assert.match(await single.inputValue(), /north quay/);
}

/** The same audit by curl, for whoever wants to go on without the page: the copied command does it. */
export async function copiedCommands(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { permissions: ["clipboard-read", "clipboard-write"] } });
  const name = await signUp(page);
  await fillIn(page, SOURCE, `It's "${CANDIDATE}"`);
  const copied = async (kind) => {
    await page.getByText("Copy as", { exact: true }).click();
    await page.getByRole("button", { name: kind }).click();
    await page.getByText(`Copied: ${kind}.`).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const { execFile } = await import("node:child_process");
  const { promisify } = await import("node:util");
  const other = new Api(server.address);
  await other.logIn(name);
  const env = { PATH: process.env.PATH, KEY: other.token };
  const curl = await promisify(execFile)("bash", ["-c", await copied("curl command")], { env });
  const python = await promisify(execFile)("python3", ["-c", await copied("Python script")], { env });
  for (const id of [JSON.parse(curl.stdout).id, python.stdout.trim()]) {
    const made = await other.get(`/evaluations/${id}`);
    assert.equal(made.candidate_output, `It's "${CANDIDATE}"`);
    assert.equal(made.source_text, SOURCE);
    assert.equal(made.config.judges.length, 4);
  }
  assert.match(await copied("Step of a build"), /judge-auditor audit --source source\.txt --candidate output\.txt --judge 'neural'/);
}

/** German is the second language: it is chosen, kept, and fits. */
export async function inGerman(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { locale: "de-DE" } });
  await page.getByRole("heading", { name: "Anmelden" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await page.getByLabel("Sprache").selectOption("English");
  await signUp(page);
  await audit(page);
  await page.getByLabel("Language").selectOption("Deutsch");
  await page.getByRole("heading", { level: 1, name: /Aussagen widerspricht der Quelle/ }).waitFor();
  await fits(world, page, "result in German");
  await page.getByRole("tab", { name: "Zahlen" }).click();
  await fits(world, page, "figures in German");
  for (const [link, heading] of [["Verlauf", "Verlauf"], ["Sammlungen", "Sammlungen"], ["Statistik", "Statistik"], ["Einstellungen", "Einstellungen"], ["Neue Prüfung", "Neue Prüfung"]]) {
    await page.getByRole("link", { name: link, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await fits(world, page, `${link} in German`);
  }
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Neue Prüfung" }).waitFor();
}

/** Claims stand beside those that say nearly the same, and the outputs differ word by word. */
export async function comparedByClaim(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  for (const minutes of [90, 40]) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, `The crossing takes ${minutes} minutes. Bicycles travel free of charge.`);
  }
  await tickBoth(page);
  await compareTicked(page);
  const row = page.getByRole("row").filter({ hasText: "The crossing takes 90 minutes." });
  assert.match(await row.innerText(), /The crossing takes 40 minutes\./);
  await row.getByText(/Supported → |→ Supported/).waitFor();
  const words = page.getByRole("region", { name: "Outputs, word by word" });
  assert.deepEqual([await words.locator("div del").allInnerTexts(), await words.locator("div ins").allInnerTexts()].flat().sort(), ["40", "90"]);
  await page.getByLabel("Only what changed").check();
  assert.equal(await page.getByRole("row").filter({ hasText: "Bicycles" }).count(), 0);
  assert.equal(await page.getByRole("region", { name: "Source text" }).count(), 1, "one source for both");
}

/** Columns are chosen and kept, heads put in order, the list comes back with its server, several are deleted at once. */
export async function historyAsATable(world) {
  const server = await world.server();
  world.expect(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_SOCKET_NOT_CONNECTED/);
  const page = await world.page(server.address);
  await signUp(page);
  for (const candidate of [CANDIDATE, SOURCE]) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, candidate);
  }
  await page.getByRole("link", { name: "History" }).click();
  await auditRows(page).nth(1).waitFor();
  await page.getByText("Columns", { exact: true }).click();
  await page.getByRole("checkbox", { name: "Judges' score" }).check();
  await page.getByRole("checkbox", { name: "Tags" }).uncheck();
  await page.keyboard.press("Escape");
  await page.getByRole("columnheader", { name: "Tags" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Judges' score", exact: true }).click();
  await page.waitForFunction(() => location.hash.includes("order=3"));
  const scores = () => page.locator("td.of-score").allInnerTexts().then((texts) => texts.map(Number));
  await page.waitForFunction(() => {
    const [first, second] = [...document.querySelectorAll("td.of-score")].map((cell) => Number(cell.textContent));
    return first >= second;
  });
  assert.equal((await scores()).length, 2);
  await page.reload();
  await auditRows(page).nth(1).waitFor();
  assert.equal(await page.getByRole("columnheader", { name: "Tags" }).count(), 0, "kept");
  assert.equal(await page.getByRole("columnheader", { name: "Judges' score" }).getAttribute("aria-sort"), "descending");

  await server.kill();
  await page.getByLabel("Search").fill("ferry");
  await page.getByRole("alert").filter({ hasText: "The server can't be reached." }).waitFor();
  await server.start();
  await auditRows(page).nth(1).waitFor();

  for (const box of await auditRows(page).getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: "Delete them" }).click();
  await page.getByRole("button", { name: "Undo" }).nth(1).waitFor();
  await page.getByRole("button", { name: "Undo" }).first().click();
  await auditRows(page).first().waitFor();
  assert.equal(await auditRows(page).count(), 1);
}
