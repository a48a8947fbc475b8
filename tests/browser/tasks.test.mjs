// What five people came for, each done with the mouse alone and by what stands on the page; `keyboard.test.mjs` has them by keys.
// And whoever comes for the first time.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Mouse } from "./mouse.mjs";
import { PASSWORD, SOURCE, CANDIDATE, audit, auditRows, claimsIn, hasStatus, newName, signUp } from "./steps.mjs";

const panelOf = (page) => page.getByRole("region", { name: "The chosen claim" });
const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });

/** Passages that a search has found, and what a model made of them. */
const PASSAGES =
  "Passage 1. Employees may work from home on up to two days a week, if their manager agrees in writing.\n\n" +
  "Passage 2. The home office allowance is 30 euros a month and is paid with the salary.\n\n" +
  "Passage 3. Requests are sent to the personnel office at least fourteen days before.";
const ANSWER = "You may work from home on up to two days a week. The home office allowance is 50 euros a month. Your manager has to agree in writing.";

/** A leaflet that is longer than a screen, with the dose in its middle. */
const LEAFLET = [
  "Calmadol tablets are used against mild pain in adults.",
  ...Array.from({ length: 40 }, (_, n) => `Section ${n + 1}. Keep this leaflet, since you may need to read it again. Ask your pharmacist if anything in section ${n + 1} is unclear.`),
  "Adults take one tablet of 400 mg up to three times a day.",
  ...Array.from({ length: 40 }, (_, n) => `Note ${n + 1}. Store the tablets in note ${n + 1}'s packaging, out of the reach of children.`),
].join("\n");
const SUMMARY = "Calmadol tablets are used against mild pain. Adults take one tablet of 800 mg up to three times a day.";

async function begun(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { viewport: { width: 1440, height: 900 } } });
  await signUp(page);
  return { page, mouse: new Mouse(page) };
}

/** Fills the form in and runs it, with the mouse. */
async function run(page, mouse, { source, output, question }) {
  await mouse.paste(page.getByLabel(/^Source/), source, "the source");
  await mouse.paste(page.getByLabel(/^Output/), output, "the output");
  if (question) await mouse.paste(page.getByLabel(/^Question/), question, "the question");
  await mouse.click(button(page, "Run audit"), "Run audit");
  await hasStatus(page, "completed");
}

const told = (name, mouse) => console.log(`  ${name}: ${mouse.steps.length} steps, ${mouse.seconds.toFixed(0)} s for a person`);

/** A RAG answer is audited: what is wrong is read from the first line, and its evidence stands beside it. */
export async function auditAnAnswerByMouse(world) {
  const { page, mouse } = await begun(world);
  await run(page, mouse, { source: PASSAGES, output: ANSWER, question: "May I work from home, and what do I get?" });
  await mouse.reads(page.getByRole("heading", { level: 1, name: /of 3 claims (contradicts|is not supported)/ }), "the answer");
  await mouse.click(page.locator(".answer-decides button"), "what decides it");
  await panelOf(page).getByText("The home office allowance is 50 euros a month.").waitFor();
  await mouse.sees(page.locator("mark.main"));
  assert.match(await page.locator("mark.main").innerText(), /30 euros a month/);
  told("an answer is audited", mouse);
}

/** The wrong dose is found in a summary of a long leaflet: the mark leads to it, and the leaflet is scrolled to what it says. */
export async function findTheWrongDoseByMouse(world) {
  const { page, mouse } = await begun(world);
  await run(page, mouse, { source: LEAFLET, output: SUMMARY });
  await mouse.click(claimsIn(page, "(Contradicted|Not supported)").last(), "the marked sentence");
  await panelOf(page).getByText("Adults take one tablet of 800 mg up to three times a day.").waitFor();
  await mouse.sees(page.locator("mark.main"));
  assert.match(await page.locator("mark.main").innerText(), /one tablet of 400 mg/);
  await mouse.reads(panelOf(page), "why");
  told("a wrong dose is found", mouse);
}

/** Two outputs of one source are compared: the changed claim and the changed word are told. */
export async function compareTwoByMouse(world) {
  const { page, mouse } = await begun(world);
  for (const minutes of [90, 40]) {
    await mouse.click(link(page, "New audit"), "New audit");
    await page.getByRole("heading", { name: "New audit" }).waitFor();
    await run(page, mouse, { source: SOURCE, output: `The crossing takes ${minutes} minutes. Bicycles travel free of charge.` });
  }
  await mouse.click(link(page, "History"), "History");
  const rows = auditRows(page);
  await rows.nth(1).waitFor();
  for (const place of [0, 1]) await mouse.click(rows.nth(place).getByRole("checkbox"), "tick");
  await mouse.click(button(page, "Compare the two"), "Compare the two");
  await mouse.reads(page.getByRole("row").filter({ hasText: "The crossing takes 90 minutes." }), "the changed claim");
  await mouse.click(page.getByLabel("Only what changed"), "Only what changed");
  await page.getByRole("row").filter({ hasText: "Bicycles" }).waitFor({ state: "detached" });
  told("two outputs are compared", mouse);
}

/** Last week's worst is found among several. */
export async function lastWeeksWorstByMouse(world) {
  const { page, mouse } = await begun(world);
  for (const candidate of [SOURCE, CANDIDATE, "The crossing takes 40 minutes."]) {
    await link(page, "New audit").click();
    await audit(page, SOURCE, candidate);
  }
  await mouse.click(link(page, "History"), "History");
  await auditRows(page).nth(2).waitFor();
  await mouse.click(button(page, "Worst of 7 days"), "Worst of 7 days");
  await page.waitForFunction(() => {
    const chances = [...document.querySelectorAll(".audit-row .of-probability")].map(({ textContent }) => parseFloat(textContent.replace(/[^\d.]/g, "")));
    return chances.length === 3 && chances.every((one, at) => at === 0 || chances[at - 1] <= one);
  });
  await mouse.click(auditRows(page).first().getByRole("link"), "the first row");
  await mouse.reads(page.getByRole("heading", { level: 1, name: /contradict/ }), "the answer");
  await page.getByText("It sank in 1955.").first().waitFor();
  told("last week's worst is found", mouse);
}

/** An opinion is given, kept over a reload, and the audit goes into a file. */
export async function opinionAndExportByMouse(world) {
  const { page, mouse } = await begun(world);
  await audit(page);
  await mouse.click(claimsIn(page, "Contradicted").first(), "a contradicted claim");
  const say = (word) => panelOf(page).locator(".opinion .choice-chip").filter({ hasText: word });
  await mouse.click(say("Contradicted"), "one's opinion");
  await panelOf(page).getByText("You say “Contradicted”. That is kept.").waitFor();
  await mouse.click(page.getByText("Export", { exact: true }), "Export");
  const [file] = await Promise.all([page.waitForEvent("download"), mouse.click(button(page, "Table (CSV)"), "Table (CSV)")]);
  assert.match(await readFile(await file.path(), "utf8"), /90 minutes/);
  await page.reload();
  await mouse.click(claimsIn(page, "Contradicted").first(), "the same claim");
  await panelOf(page).getByText("You say “Contradicted”. That is kept.").waitFor();
  told("an opinion is given and the audit exported", mouse);
}

const TWO_MINUTES = 120;

/** Whoever comes for the first time gets from the login to an audit of their own within two minutes, by what stands on the page. */
export async function firstVisit(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { viewport: { width: 1440, height: 900 } } });
  const mouse = new Mouse(page);
  const visited = [];
  page.on("framenavigated", (frame) => visited.push(new URL(frame.url()).pathname));
  const begin = performance.now();

  await mouse.reads(page.locator(".hero"), "what this is");
  await mouse.click(button(page, "Create account"), "Create account");
  const name = newName();
  await mouse.type(page.getByLabel("User name"), name, "a user name");
  await mouse.type(page.getByLabel("E-mail"), `${name}@example.org`, "an e-mail address");
  await mouse.type(page.getByLabel("Password"), PASSWORD.slice(0, 12), "a password");
  await mouse.click(button(page, "Create account"), "Create account");

  // The page itself says what to do next: an example, and one press runs it.
  await mouse.reads(page.getByText("New here? Try an example: it fills the form, and one click runs it."), "the hint");
  await mouse.click(button(page, "A ferry's timetable"), "an example");
  await mouse.sees(button(page, "Run audit"));
  await mouse.click(button(page, "Run audit"), "Run audit");
  await hasStatus(page, "completed");
  await mouse.reads(page.locator(".answer"), "the answer");
  await mouse.sees(panelOf(page));

  // Then one's own texts.
  await mouse.click(link(page, "New audit"), "New audit");
  await page.getByRole("heading", { name: "New audit" }).waitFor();
  assert.equal(await page.getByLabel(/^Source/).inputValue(), "", "nothing of the example is in the way");
  await run(page, mouse, { source: PASSAGES, output: ANSWER });
  await mouse.reads(page.getByRole("heading", { level: 1, name: /of 3 claims/ }), "the own answer");

  const waited = (performance.now() - begin) / 1000;
  told("a first visit, with an own audit at its end", mouse);
  console.log(`  ${mouse.steps.join(", ")}; the program itself took ${waited.toFixed(1)} s`);
  assert.ok(mouse.steps.length <= 20, `${mouse.steps.length} steps`);
  assert.ok(mouse.seconds < TWO_MINUTES, `${mouse.seconds} s`);
  assert.ok(visited.every((path) => path === "/"), `no paper was needed: ${visited.join(" ")}`);
}
