// What people do in the page, and what it has to look like.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import axe from "axe-core";
import { settled, unreadable } from "./layout.mjs";

export const PASSWORD = randomUUID();
export const SOURCE =
  "The ferry to Holm leaves at 7.15 every morning. The crossing takes 40 minutes. " +
  "Bicycles travel free of charge. ⛴️ The ferry was built in 1998 and carries 220 passengers.";
export const CANDIDATE =
  "The ferry to Holm leaves at 7.15 every morning. 🚲 The crossing takes 90 minutes. " +
  "Bicycles travel free of charge. <b>It sank in 1955.</b>";

export const newName = () => `person-${randomUUID().slice(0, 8)}`;

export async function signUp(page, name = newName()) {
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("E-mail").fill(`${name}@example.org`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "New audit" }).waitFor();
  return name;
}

export async function logIn(page, name, password = PASSWORD) {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

export const hasStatus = (page, status) => page.locator(`.audit[data-status="${status}"]`).waitFor();

export async function fillIn(page, source = SOURCE, candidate = CANDIDATE) {
  await page.getByRole("heading", { name: "New audit" }).waitFor();
  await page.getByLabel(/^Source/).fill(source);
  await page.getByLabel(/^Output/).fill(candidate);
}

/** An audit by the offline judges, to its end. */
export async function audit(page, source, candidate) {
  await fillIn(page, source, candidate);
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  await hasStatus(page, "completed");
}

/** An audit by judges that may cost something: they are ticked, and it is started from its own page. */
export async function beginWith(page, judges, source, candidate) {
  await fillIn(page, source, candidate);
  for (const name of judges) await page.getByRole("checkbox", { name }).check();
  await page.getByRole("button", { name: "See what it costs" }).click();
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
}

/** The audits of the history, without its head. */
export const auditRows = (page) => page.getByRole("table", { name: "Audits" }).locator("tbody").getByRole("row").filter({ has: page.getByRole("checkbox") });

/** The choice of a tag, in the history and in the statistics. */
export const tagFilter = (page) => page.locator("label").filter({ hasText: /^Tag/ }).locator("select");

/** In the history, with both audits ticked. */
export async function tickBoth(page) {
  await page.getByRole("link", { name: "History" }).click();
  const rows = auditRows(page);
  await rows.nth(1).waitFor();
  for (const box of await rows.getByRole("checkbox").all()) await box.check();
}

export async function compareTicked(page) {
  await page.getByRole("button", { name: "Compare the two" }).click();
  await page.getByRole("rowheader", { name: "Judges' score" }).waitFor();
}

/** With its charts, which come later. */
export async function seeStatistics(page) {
  await page.getByRole("link", { name: "Statistics" }).click();
  for (const about of [/^Claims by day, in percent/, /^Scores by day/, /^Mean score by judge and day/]) {
    await page.getByRole("group", { name: about }).locator("canvas").waitFor();
  }
}

/** Each of these is its own claim. */
export const claims = (count) => Array.from({ length: count }, (_, n) => `Tower ${n + 1} has ${n + 2} floors.`).join(" ");

/** The text of the output as it is shown, without the shapes that are the page's own. */
export const shownOutput = (page) =>
  page.locator(".judged").evaluate((element) => {
    const copy = element.cloneNode(true);
    for (const shape of copy.querySelectorAll(".shape")) shape.remove();
    return copy.textContent;
  });

/** What axe-core finds wrong, which has to be nothing. */
export async function violations(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  // What is found to be right is not described: that takes longer than to find it.
  const { violations: found } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(" ")}`);
}

/** In the page: what reaches furthest beyond its edge and holds nothing that does. */
function widestInPage() {
  const beyond = [...document.querySelectorAll("main *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5);
  const inner = beyond.filter((element) => !beyond.some((other) => other !== element && element.contains(other)));
  return inner.slice(0, 3).map((element) => element.outerHTML.slice(0, 120)).join(" ");
}

/** What is wrong with how the page fills its view: text that can't be read, or more than its width. */
async function misfits(page) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const who = overflow > 0 ? await page.evaluate(widestInPage) : "";
  return [...(await unreadable(page)), ...(overflow > 0 ? [`${overflow} px too wide, by ${who}`] : [])];
}

/** The page fits views of all these widths, from the narrowest that a reader who enlarges has. */
export async function fits(world, page, name) {
  for (const width of [320, 480, 640, 768, 1024, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    world.faults.push(...(await misfits(page)).map((fault) => `${name} at ${width} px: ${fault}`));
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/**
 * A picture at desk and at phone width: neither may scroll sideways or lay text over text, both are for everybody.
 * What is wrong with one does not hide the next. It shows the whole page, or what is in view with `at`.
 */
export async function pictures(world, page, name, { at = null, fullPage = at === null } = {}) {
  for (const [width, height, suffix] of [[1280, 900, ""], [390, 844, "-phone"]]) {
    await page.setViewportSize({ width, height });
    const wrong = [...(await violations(page)), ...(await misfits(page))];
    // What sticks to the top would be in the middle of a long picture.
    if (fullPage) await page.evaluate(() => scrollTo(0, 0));
    world.faults.push(...wrong.map((fault) => `${name} at ${width} px: ${fault}`));
    await at?.scrollIntoViewIfNeeded();
    await settled(page);
    await page.screenshot({ path: join(world.shots, `${name}${suffix}.png`), fullPage });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** The claims marked in the output: all, or those with this word of a verdict. */
export const claimsIn = (page, word = "(Supported|Contradicted|Not supported|Not decided yet)") =>
  page.getByRole("region", { name: "Output" }).getByRole("button", { name: new RegExp(`^${word}: `) });

/** What an audit has behind its texts: one part at a time is shown. */
export const openTab = (page, name) => page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();

export const judgeCards = (page) => page.getByRole("article", { name: /^Judge / });

export const banner = (page, text) => page.getByRole("status").filter({ hasText: text });
