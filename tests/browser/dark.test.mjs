// Every page in the dark.

import assert from "node:assert/strict";
import { CANDIDATE, SOURCE, audit, claimsIn, compareTicked, pictures, seeStatistics, signUp, tickBoth } from "./steps.mjs";

/** In the page: every colour that its styles name, as it is now. */
const colours = (page) =>
  page.evaluate(() => {
    const style = getComputedStyle(document.documentElement);
    const names = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).flatMap((rule) => [...(rule.style ?? [])]);
    return Object.fromEntries([...new Set(names.filter((name) => name.startsWith("--")))].sort().map((name) => [name, style.getPropertyValue(name)]));
  });

/** How bright what lies behind everything is, from 0 to 255. */
const ground = (page) =>
  page.evaluate(() => {
    const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });

export async function everythingDark(world) {
  const server = await world.server();
  world.expect(/status of 404/);
  const page = await world.page(server.address, { context: { colorScheme: "dark" } });
  const shown = async (name, tab = page, options = {}) => {
    assert.ok((await ground(tab)) < 60, `${name} is dark`);
    await pictures(world, tab, `${name}-dark`, options);
  };
  const choose = async (theme) => {
    await page.getByRole("radio", { name: theme }).click();
    await page.waitForFunction((name) => document.documentElement.dataset.theme === name, theme);
  };
  const heading = (name) => page.getByRole("heading", { name }).waitFor();
  await shown("log-in");
  await page.getByRole("button", { name: "Log in" }).waitFor();
  await signUp(page);
  await shown("new-audit");
  await page.getByRole("link", { name: "History" }).click();
  await heading("No audits yet");
  await shown("history-empty");
  for (const candidate of [CANDIDATE, SOURCE]) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, candidate);
    if (candidate === CANDIDATE) {
      await claimsIn(page, "Contradicted").first().click();
      await page.getByRole("region", { name: "The chosen claim" }).waitFor();
      await shown("result");
    }
  }
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Create link" }).click();
  const link = await page.getByLabel(/^The link/).inputValue();
  await shown("share", page, { fullPage: false });
  const stranger = await world.page(link, { context: { colorScheme: "dark" } });
  await stranger.getByText("Shared for reading").waitFor();
  await shown("shared", stranger);
  await page.keyboard.press("Escape");
  await tickBoth(page);
  await shown("history");
  await compareTicked(page);
  await shown("compare");
  await seeStatistics(page);
  await shown("statistics");
  await page.getByRole("link", { name: "Preferences" }).click();
  await heading("Preferences");
  await shown("preferences");
  await page.goto(`${server.address}/#/nowhere`);
  await heading("There is no such page");
  await shown("no-such-page");

  // By the system and by choice it is the same dark, and light by choice wins over a dark system.
  const bySystem = await colours(page);
  assert.ok(Object.keys(bySystem).length > 10);
  await page.getByRole("link", { name: "Preferences" }).click();
  await choose("light");
  assert.ok((await ground(page)) > 200, "light by choice");
  await page.emulateMedia({ colorScheme: "light" });
  await choose("dark");
  assert.deepEqual(await colours(page), bySystem);
  assert.ok((await ground(page)) < 60, "dark by choice");
}
