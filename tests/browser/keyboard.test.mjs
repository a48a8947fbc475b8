// The whole app with keys alone, the focus always to be seen and where a person goes on.

import assert from "node:assert/strict";
import { Keys } from "./keys.mjs";
import { CANDIDATE, PASSWORD, SOURCE, audit, auditRows, claimsIn, hasStatus, newName, signUp, tagFilter } from "./steps.mjs";

export async function keyboardOnly(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  const keys = new Keys(page);
  const button = (name) => page.getByRole("button", { name, exact: typeof name === "string" });
  const link = (name) => page.getByRole("link", { name, exact: true });
  const heading = (name) => page.getByRole("heading", { name }).waitFor();

  // In.
  await keys.press("Enter", button("Create account"));
  await heading("Create account");
  const name = newName();
  await keys.to(page.getByLabel("User name"), "Shift+Tab");
  await page.keyboard.insertText(name);
  await keys.type(page.getByLabel("E-mail"), `${name}@example.org`);
  await keys.type(page.getByLabel("Password"), PASSWORD);
  await page.keyboard.press("Enter");
  await heading("New audit");
  await keys.atContent("after the login");

  // The way past the bar.
  await page.keyboard.press("Home");
  await keys.to(link("To the content"));
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  // Two audits.
  for (const candidate of [CANDIDATE, SOURCE]) {
    await keys.type(page.getByLabel(/^Source/), SOURCE);
    await keys.type(page.getByLabel(/^Output/), candidate);
    const logic = page.getByRole("checkbox", { name: /^logic/ });
    await keys.press("Space", logic);
    assert.equal(await logic.isChecked(), false);
    await page.keyboard.press("Space");
    assert.equal(await logic.isChecked(), true);
    const more = page.getByText("More choices");
    if (!(await page.getByLabel("How scores become one").isVisible())) await keys.press("Enter", more);
    const strategy = page.getByLabel("How scores become one");
    await keys.press("ArrowDown", strategy);
    assert.notEqual(await strategy.inputValue(), "");
    await keys.press("Enter", button("Run audit"));
    await hasStatus(page, "completed");
    await keys.atContent("after the start");
    if (candidate === SOURCE) break;

    // A claim is opened, read, judged, and closed; one goes on where one was.
    const claim = claimsIn(page, "Contradicted").first();
    await keys.press("Enter", claim);
    const panel = page.getByRole("region", { name: "The chosen claim" });
    await panel.getByRole("list").first().waitFor();
    await keys.at(panel, "after a claim is opened");
    assert.equal(await claim.getAttribute("aria-pressed"), "true");
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    await keys.at(claim, "after Escape from a claim");
    await page.keyboard.press("Enter");
    await keys.at(panel, "after a claim is opened again");
    const opinion = panel.getByRole("button", { name: "Contradicted" });
    await keys.press("Space", opinion);
    await panel.getByText("You say “Contradicted”. That is kept.").waitFor();
    await keys.at(opinion, "after an opinion");
    await keys.to(panel.getByRole("button", { name: "Close the claim" }), "Shift+Tab");
    await page.keyboard.press("Enter");
    await panel.waitFor({ state: "detached" });
    await keys.at(claim, "after a claim is closed");

    // Letters go through the claims, also from the panel; a filter leaves some out; arrows go from mark to mark.
    await page.keyboard.press("j");
    await panel.getByText("Claim 1 of 4").waitFor();
    await page.keyboard.press("j");
    await panel.getByText("Claim 2 of 4").waitFor();
    await page.keyboard.press("k");
    await panel.getByText("Claim 1 of 4").waitFor();
    const filter = page.getByRole("group", { name: "Show claims" }).getByRole("button", { name: /^Not supported/ });
    await keys.press("Space", filter);
    assert.equal(await filter.getAttribute("aria-pressed"), "true");
    await page.keyboard.press("j");
    await panel.getByText("Claim 4 of 4").waitFor();
    await keys.press("Space", page.getByRole("group", { name: "Show claims" }).getByRole("button", { name: /^All/ }));
    await keys.to(claimsIn(page, "Not supported").first());
    await page.keyboard.press("ArrowLeft");
    await panel.getByText("Claim 3 of 4").waitFor();
    await keys.at(claimsIn(page).nth(2), "after an arrow");
    await page.waitForURL(/claim=3/);

    // The parts behind the texts.
    await keys.press("ArrowRight", page.getByRole("tab", { name: "Texts" }));
    await page.getByRole("heading", { name: "Do the judges agree?" }).waitFor();
    await keys.at(page.getByRole("tab", { name: "Figures" }), "after an arrow in the parts");
    await page.keyboard.press("End");
    await page.getByRole("heading", { name: "Settings of this audit" }).waitFor();
    await page.keyboard.press("Home");
    await panel.waitFor();

    // The dialog keeps the focus, and gives it back.
    const share = button("Share");
    await keys.press("Enter", share);
    const dialog = page.getByRole("dialog", { name: "Share this audit" });
    await dialog.waitFor();
    await keys.at(dialog, "in the dialog");
    const life = dialog.getByLabel("For");
    await keys.press("ArrowUp", life);
    assert.equal(await life.inputValue(), "86400");
    await keys.press("Enter", dialog.getByRole("button", { name: "Create link" }));
    await dialog.getByLabel(/^The link/).waitFor();
    await keys.press("Space", dialog.getByRole("button", { name: "Take back" }));
    await dialog.getByRole("button", { name: "Take back" }).waitFor({ state: "detached" });
    await keys.at(dialog, "after a link was taken back");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await keys.at(share, "after the dialog");

    const menu = page.getByText("Export", { exact: true });
    await keys.press("Enter", menu);
    const [file] = await Promise.all([page.waitForEvent("download"), keys.press("Enter", button("Table (CSV)"))]);
    assert.ok(file.suggestedFilename().endsWith(".csv"));
    await keys.at(menu, "after an export");
    await keys.to(link("New audit"));
    await page.keyboard.press("Enter");
    await heading("New audit");
    await keys.atContent("a new audit");
  }

  // History.
  await keys.press("Enter", link("History"));
  await heading("History");
  const rows = auditRows(page);
  await rows.nth(1).waitFor();
  await keys.type(page.getByLabel("Search"), "sank in 1955");
  await rows.nth(1).waitFor({ state: "detached" });
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await rows.nth(1).waitFor();
  await keys.press("ArrowDown", page.getByLabel("Order"));
  await rows.nth(1).waitFor();
  const doomed = rows.first().getByRole("button", { name: /^Delete/ });
  await keys.press("Enter", doomed);
  await rows.nth(1).waitFor({ state: "detached" });
  await keys.at(button("Undo"), "after a deletion");
  await keys.press("Enter", button("Undo"));
  await rows.nth(1).waitFor();
  await keys.atContent("after a deletion was undone");
  for (const box of await rows.getByRole("checkbox").all()) {
    await keys.press("Space", box);
    assert.ok(await box.isChecked());
  }
  await keys.press("Enter", button("Compare the two"));
  await page.getByRole("rowheader", { name: "Judges' score" }).waitFor();
  await keys.atContent("the comparison");

  // Statistics, preferences, and out.
  await keys.press("Enter", link("Statistics"));
  await heading("Statistics");
  await keys.press("ArrowDown", page.getByLabel("Over"));
  await page.getByRole("row", { name: /^lexical [0-9]/ }).waitFor();
  await keys.press("Enter", link("Preferences"));
  await heading("Preferences");
  await keys.to(page.getByRole("radio", { checked: true }));
  await page.keyboard.press("ArrowDown");
  await page.getByText("Saved").waitFor();
  await keys.at(page.getByRole("radio", { checked: true }), "after a change of the theme");
  await keys.press("Enter", button("Log out"));
  await heading("Log in");
  await keys.atContent("after the logout");
  await keys.type(page.getByLabel("User name"), name);
  await keys.type(page.getByLabel("Password"), PASSWORD);
  await page.keyboard.press("Enter");
  await heading("Preferences");
  assert.deepEqual([...new Set(keys.faults)], []);
  console.log(`  ${keys.passed.size} things that Tab reaches`);
}

/** A collection is made, filled, searched and deleted; whoever was asked goes on where they were. */
export async function collectionByKeys(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  await signUp(page);
  const keys = new Keys(page);
  const button = (name) => page.getByRole("button", { name, exact: true });
  const heading = (name) => page.getByRole("heading", { name, exact: true }).waitFor();
  await keys.press("Enter", page.getByRole("link", { name: "Collections", exact: true }));
  await heading("Collections");
  await keys.atContent("the collections");
  await keys.type(page.getByLabel("Name of a new collection"), "Harbour");
  await page.keyboard.press("Enter");
  await heading("Harbour");
  await keys.atContent("a new collection");

  await keys.to(page.getByLabel("Choose files"));
  await keys.press("Enter", page.getByText("Or paste a text"));
  const form = page.locator(".paste");
  await keys.type(form.getByLabel("Name"), "Timetable");
  await keys.type(form.getByLabel("Text", { exact: true }), SOURCE);
  await keys.press("Enter", button("Add text"));
  await form.getByText("“Timetable” added").waitFor();
  await keys.at(form.getByLabel("Name"), "after a text was added");

  await keys.type(page.getByLabel("Words or a sentence"), "how long is the crossing");
  await page.keyboard.press("Enter");
  const found = page.getByRole("list", { name: "Passages found" });
  await found.waitFor();
  await keys.at(page.getByLabel("Words or a sentence"), "after a search");
  await keys.press("Enter", found.getByRole("link", { name: "Timetable" }).first());
  await heading("Timetable");
  await keys.atContent("a document");
  await keys.to(page.getByRole("region", { name: "Document text" }));
  await page.goBack();
  await heading("Harbour");

  const doomed = button("Delete: Timetable");
  await keys.press("Enter", doomed);
  await keys.at(button("Keep it"), "when a deletion is asked about");
  await page.keyboard.press("Escape");
  await keys.at(doomed, "after Escape");
  await page.keyboard.press("Enter");
  await keys.at(button("Keep it"), "when it is asked again");
  await page.keyboard.press("Enter");
  await keys.at(doomed, "after it is kept");
  await page.keyboard.press("Enter");
  await keys.at(button("Keep it"), "when it is asked for the third time");
  await keys.to(button("Delete it"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await heading("No documents yet");
  await keys.atContent("after a deletion");
  assert.deepEqual([...new Set(keys.faults)], []);
}

/** Last week's worst is found, named, tagged and judged; a view is kept; several are tagged: by keys. */
export async function manyAuditsByKeys(world) {
  const { address } = await world.server();
  const page = await world.page(address);
  await signUp(page);
  for (const candidate of [SOURCE, CANDIDATE]) {
    await page.getByRole("link", { name: "New audit" }).click();
    await audit(page, SOURCE, candidate);
  }
  const keys = new Keys(page);
  const button = (name) => page.getByRole("button", { name, exact: typeof name === "string" });
  await keys.press("Enter", page.getByRole("link", { name: "History", exact: true }));
  await page.getByRole("heading", { name: "History" }).waitFor();
  await keys.press("Space", button("Worst of 7 days"));
  const rows = auditRows(page);
  await rows.nth(1).waitFor();
  await keys.press("Enter", rows.first().getByRole("link").first());
  await page.getByRole("heading", { level: 1, name: /contradicts the source/ }).waitFor();
  await keys.atContent("the worst audit");

  const naming = button("Add a name, tags or notes");
  await keys.press("Enter", naming);
  const dialog = page.getByRole("dialog", { name: "Name, tags and notes" });
  await dialog.waitFor();
  await keys.at(dialog, "in the dialog");
  await keys.type(dialog.getByLabel("Name"), "The worst");
  await keys.type(dialog.getByLabel("Tags"), "seen");
  await keys.press("Enter", dialog.getByRole("button", { name: "Save" }));
  await dialog.waitFor({ state: "detached" });
  await page.locator(".audit-title").getByText("The worst").waitFor();
  await keys.at(button("Edit name, tags and notes"), "after the dialog");

  await keys.press("Enter", page.locator(".answer-decides button"));
  const panel = page.getByRole("region", { name: "The chosen claim" });
  await keys.at(panel, "the claim that decides");
  const opinion = panel.getByRole("button", { name: "Contradicted" }).and(panel.locator(".choice-chip"));
  await keys.press("Space", opinion);
  await panel.getByText("You say “Contradicted”. That is kept.").waitFor();
  await keys.press("Enter", button("Take it back"));
  await panel.getByText(/You say/).waitFor({ state: "detached" });
  await keys.at(opinion, "after an opinion was taken back");

  await keys.press("Enter", page.getByRole("link", { name: "History", exact: true }));
  await rows.nth(1).waitFor();
  await keys.press("Tab", page.getByLabel("Search"));
  await tagFilter(page).selectOption("seen");
  await rows.nth(1).waitFor({ state: "detached" });
  await keys.press("Enter", button("Keep this view"));
  await keys.at(page.getByLabel("Name of the view"), "when a view is kept");
  await page.keyboard.insertText("Seen");
  await page.keyboard.press("Enter");
  await keys.press("Space", button("All audits"));
  await rows.nth(1).waitFor();
  await keys.press("Space", page.getByRole("checkbox", { name: "Choose all that are shown" }));
  await keys.press("Enter", button("Tag them"));
  const tagging = page.getByRole("dialog", { name: "Tag 2 audits" });
  await keys.type(tagging.getByLabel("Tags"), "weekly");
  await page.keyboard.press("Enter");
  await tagging.waitFor({ state: "detached" });
  await keys.at(button("Tag them"), "after several were tagged");
  await page.waitForFunction(() => [...document.querySelectorAll(".audit-row")].every((row) => row.textContent.includes("weekly")));
  assert.deepEqual([...new Set(keys.faults)], []);
}
