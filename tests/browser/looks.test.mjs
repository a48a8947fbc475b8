// What each page looks like, compared with how it was signed off: a change that nobody meant is a failure.
//
// UPDATE_PICTURES=1 takes them anew; look at each before it is committed.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { Api } from "./api.mjs";
import { failed, finished, month, nothingToCheck, ofTwoSources, running, showFinished } from "./fixture.mjs";
import { settled } from "./layout.mjs";
import { openTab, signUp } from "./steps.mjs";

const FOLDER = fileURLToPath(new URL("pictures", import.meta.url));
const UPDATE = process.env.UPDATE_PICTURES === "1";

/** Of all pixels so many may differ: letters are smoothed a little otherwise from one build of a browser to the next. */
const MOST_DIFFERENT = 0.01;
/** Of a pixel's colour, 0 to 1. */
const TOLERANCE = 0.2;

const VIEWS = [
  { name: "phone-light", width: 390, height: 844, colorScheme: "light" },
  { name: "phone-dark", width: 390, height: 844, colorScheme: "dark" },
  { name: "desk-light", width: 1440, height: 900, colorScheme: "light" },
  { name: "desk-dark", width: 1440, height: 900, colorScheme: "dark" },
  { name: "wall-light", width: 2560, height: 1440, colorScheme: "light" },
];

/** The font that the page's letters are drawn with: other letters have other widths, and every picture would differ. */
async function fontOf(page) {
  const browser = await page.context().newCDPSession(page);
  await browser.send("DOM.enable");
  await browser.send("CSS.enable");
  const { root } = await browser.send("DOM.getDocument");
  const { nodeId } = await browser.send("DOM.querySelector", { nodeId: root.nodeId, selector: "h1" });
  const { fonts } = await browser.send("CSS.getPlatformFontsForNode", { nodeId });
  return fonts.map(({ familyName }) => familyName).sort().join();
}

/** In each view; what differs too much is told at the end, with a picture of the difference beside the new one. */
async function compare(world, page, state, found) {
  for (const { name, width, height, colorScheme } of VIEWS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.mouse.move(0, 0);
    await settled(page);
    // Where a text is scrolled to depends on the views before.
    await page.evaluate(() => {
      scrollTo(0, 0);
      for (const box of document.querySelectorAll(".source")) box.scrollTop = 0;
    });
    await settled(page);
    const file = `${state}-${name}.png`;
    const taken = await page.screenshot({ animations: "disabled", caret: "hide" });
    await writeFile(join(world.shots, file), taken);
    if (UPDATE) {
      await writeFile(join(FOLDER, file), taken);
      continue;
    }
    const [now, before] = [PNG.sync.read(taken), PNG.sync.read(await readFile(join(FOLDER, file)))];
    if (now.width !== before.width || now.height !== before.height) {
      found.push(`${file}: another size`);
      continue;
    }
    const difference = new PNG({ width, height });
    const share = pixelmatch(now.data, before.data, difference.data, width, height, { threshold: TOLERANCE }) / (width * height);
    if (share <= MOST_DIFFERENT) continue;
    await writeFile(join(world.shots, `different-${file}`), PNG.sync.write(difference));
    found.push(`${file}: ${(share * 100).toFixed(2)} % of it differs; see ${join(world.shots, `different-${file}`)}`);
  }
}

/** What is told of the server is the same each time, so that the pictures are of the page alone. */
export async function everyStateLooksAsItDid(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { timezoneId: "UTC", locale: "en-GB" } });
  await mkdir(FOLDER, { recursive: true });
  const font = await fontOf(page);
  const known = join(FOLDER, "font.txt");
  if (UPDATE) await writeFile(known, `${font}\n`);
  const drawn = (await readFile(known, "utf8")).trim();
  if (font !== drawn) {
    console.log(`  not compared: this machine draws letters with ${font}, the pictures were taken with ${drawn}`);
    return;
  }
  const found = [];
  const see = (state) => compare(world, page, state, found);
  await see("log-in");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByLabel("E-mail").waitFor();
  await see("create-account");
  await page.getByRole("button", { name: "Log in" }).click();
  const other = new Api(server.address);
  await other.logIn(await signUp(page, "mira"));
  await page.getByRole("checkbox").first().waitFor();
  await see("new-audit");

  const { told, path } = await showFinished(page, server.address, other, { claims: 11, chars: 2_000 });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(path);
  await page.getByRole("region", { name: "The chosen claim" }).waitFor();
  await see("result");
  const otherStates = [
    ["named-sources", ofTwoSources(told), page.getByRole("heading", { name: "minutes.md" })],
    ["running", running(told), page.locator('.audit[data-status="in_progress"] [data-claim]').nth(5)],
    ["failed", failed(told), page.getByText("Ask other judges.")],
    ["nothing-to-check", nothingToCheck(told), page.getByRole("heading", { level: 1, name: "There is nothing to check." })],
    [null, told, page.getByRole("region", { name: "The chosen claim" })],
  ];
  for (const [state, shown, sign] of otherStates) {
    await page.unroute(`**/api/v1/evaluations/${told.id}`);
    await page.route(`**/api/v1/evaluations/${told.id}`, (route) => route.fulfill({ json: shown }));
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(state === "named-sources" ? `${path}?claim=9` : path);
    await page.reload();
    await sign.waitFor();
    if (state) await see(state);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await openTab(page, "Figures");
  await see("figures");
  await openTab(page, "Judges");
  await see("judges");

  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("dialog").waitFor();
  await see("share");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Add a name, tags or notes" }).click();
  await page.getByRole("dialog").waitFor();
  await see("name-and-tags");
  await page.keyboard.press("Escape");

  const { id, status, question, config, created_at, started_at, completed_at, run_id, epoch, last_seq } = told;
  const row = { id, status, question, config, created_at, started_at, completed_at, run_id, epoch, last_seq };
  const items = [
    {
      ...row,
      source_preview: "Pier 1 is 41 metres long.",
      candidate_preview: "Pier 3 is 140 metres long.",
      consensus_score: 76.3,
      hallucination_score: 31.4,
      probability: 0.03,
      claims: { supported: 8, refuted: 1, not_enough_info: 2 },
      tags: ["harbour", "weekly"],
    },
    { ...row, id: id.replace(/^./, "f"), question: null, source_preview: "The ferry leaves.", candidate_preview: "It never does.", status: "failed" },
    { ...row, id: id.replace(/^./, "e"), name: "The harbour, shorter prompt", source_preview: "Pier 1 is 41 metres long.", candidate_preview: "Pier 1 is 41 metres long.", probability: 0.91, claims: { supported: 9, refuted: 0, not_enough_info: 0 }, tags: ["harbour"] },
  ];
  await page.route("**/api/v1/evaluations?*", (route) => route.fulfill({ json: { items, next_cursor: null } }));
  await page.route("**/api/v1/tags", (route) => route.fulfill({ json: { items: [{ tag: "harbour", evaluations: 2 }, { tag: "weekly", evaluations: 1 }] } }));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row").nth(2).waitFor();
  await see("history");

  const second = finished({ ...told, id: items[1].id }, { claims: 9, chars: 2_000 });
  await page.route(`**/api/v1/evaluations/${items[1].id}`, (route) => route.fulfill({ json: second }));
  await page.goto(`${server.address}/#/compare/${id}/${items[1].id}`);
  await page.getByRole("heading", { name: "Claims side by side" }).waitFor();
  await see("compare");
  const third = { ...finished({ ...told, id: items[2].id }, { claims: 7, chars: 2_000 }), name: items[2].name };
  await page.route(`**/api/v1/evaluations/${items[2].id}`, (route) => route.fulfill({ json: third }));
  await page.goto(`${server.address}/#/compare/${id}/${items[1].id}/${items[2].id}`);
  await page.getByRole("columnheader", { name: "Third" }).first().waitFor();
  await see("compare-three");

  const key = { name: "the nightly build", prefix: "ja_k4f2", scopes: ["audit"], addresses: ["192.0.2.0/24"], created_at, expires_at: null, last_used_at: completed_at, day_usd: 2, day_tokens: 500_000 };
  await page.route("**/api/v1/keys", (route) => route.fulfill({ json: { items: [{ id, ...key }] } }));
  const today = { day: "2026-12-01", calls: 3, prompt_tokens: 41_200, completion_tokens: 2_100, cost_usd: 0.0731 };
  await page.route("**/api/v1/usage*", (route) => route.fulfill({ json: { items: [today], today, budget: {} } }));
  await page.goto(`${server.address}/#/keys`);
  await page.getByText("43,300 of 500,000 tokens used today").waitFor();
  await see("keys");

  await page.route("**/api/v1/statistics*", (route) => route.fulfill({ json: month() }));
  await page.goto(`${server.address}/#/statistics`);
  await page.locator(".chart canvas").nth(2).waitFor();
  await see("statistics");
  await page.getByRole("link", { name: "Preferences" }).click();
  await page.getByRole("group", { name: "Judges of new audits" }).waitFor();
  await see("preferences");
  assert.deepEqual(found, []);
}
