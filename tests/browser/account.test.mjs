// What is one's own: taken along as one file, shown to others by a link, and deleted.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Api } from "./api.mjs";
import { audit, fillIn, hasStatus, logIn, newName, PASSWORD, pictures, signUp } from "./steps.mjs";

const ALONG = ["account.json", "evaluations.jsonl", "events.jsonl", "documents.jsonl", "README.txt"];

/** The archive is downloaded, then the account is deleted: the other tab is told, and nobody gets in any more. */
export async function takingEverythingAlongAndLeaving(world) {
  // A wrong password, and a login to an account that is no more.
  world.expect(/status of 401/);
  const server = await world.server();
  const page = await world.page(server.address);
  const name = await signUp(page);
  await audit(page);
  await page.getByRole("link", { name: "Preferences" }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download it" }).click()]);
  assert.equal(file.suggestedFilename(), "judge-auditor.zip");
  assert.equal(await file.failure(), null);
  const bytes = await readFile(await file.path());
  assert.equal(bytes.subarray(0, 2).toString(), "PK", "a ZIP file");
  const end = bytes.subarray(-4096).toString("latin1");
  for (const part of ALONG) assert.ok(end.includes(part), part);

  const elsewhere = await world.page(server.address);
  await logIn(elsewhere, name);
  await elsewhere.getByRole("link", { name: "History" }).click();
  await elsewhere.locator(".audit-row").first().waitFor();
  await elsewhere.locator(".audit-row").first().getByRole("link").click();
  await hasStatus(elsewhere, "completed");

  const remove = page.getByRole("button", { name: "Delete account" });
  await page.getByLabel("Your password").fill("not the right one");
  await remove.click();
  await page.getByText("The password you have is another one.").waitFor();
  await pictures(world, page, "account");
  await page.getByLabel("Your password").fill(PASSWORD);
  await remove.click();
  await page.getByRole("heading", { name: "Log in" }).waitFor();
  await elsewhere.getByText("Your login has ended. Log in to go on where you were.").waitFor();
  await logIn(page, name);
  await page.getByRole("alert").filter({ hasText: "user name or the password is wrong" }).waitFor();
}

/** The dialog says what a link shows; documents of a collection are shown only where that is ticked. */
export async function aLinkShowsDocumentsOnlyWhereThatIsTicked(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  const name = await signUp(page, newName());
  const api = new Api(server.address);
  await api.logIn(name);
  const { id } = await api.post("/collections", { name: "Ledgers" });
  const text = "The ferry Alma was built in 1987 by the quarrelsome brothers.";
  await api.post(`/collections/${id}/documents`, { name: "ledger.txt", text });
  await page.reload();
  await fillIn(page, "The harbour has three quays.", "The ferry Alma was built in 1987. The harbour has three quays.");
  await page.getByLabel("Check against").selectOption(id);
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  await hasStatus(page, "completed");

  await page.getByRole("button", { name: "Share" }).click();
  await page.getByText("the source, the output and the question, each claim with its verdict").waitFor();
  const links = [];
  for (const shown of [false, true]) {
    const box = page.getByRole("checkbox", { name: /^Show what was found in your collection too/ });
    await box.setChecked(shown);
    const before = links.length === 0 ? "" : await page.getByLabel(/^The link/).inputValue();
    await page.getByRole("button", { name: "Create link" }).click();
    await page.waitForFunction(
      ([field, before]) => document.querySelector(field)?.value !== before && document.querySelector(field)?.value !== undefined,
      ["dialog .notice input", before],
    );
    links.push(await page.getByLabel(/^The link/).inputValue());
  }
  await page.getByText(/, shows documents/).waitFor();
  await pictures(world, page, "share-documents", { fullPage: false });
  for (const [link, shown] of links.map((link, place) => [link, place === 1])) {
    const stranger = await world.page(link);
    await stranger.getByText("Shared for reading").waitFor();
    const all = await stranger.evaluate(async (link) => (await fetch(link, { headers: { Accept: "application/json" } })).text(), link);
    assert.equal(all.includes("quarrelsome"), shown);
    assert.equal(all.includes("ledger.txt"), shown);
    const withheld = stranger.getByText("Documents of the owner took part that this link does not show");
    assert.equal(await withheld.count(), shown ? 0 : 1);
    await pictures(world, stranger, shown ? "shared-with-documents" : "shared-without-documents");
  }
}

/** A key is made and seen once; a program comes by it; revoked, it is gone, and the program is refused. */
export async function aKeyIsMadeSeenOnceAndRevoked(world) {
  // Networks with a bit too many.
  world.expect(/status of 422/);
  const server = await world.server();
  const page = await world.page(server.address);
  const name = await signUp(page);
  await page.getByRole("link", { name: "Preferences" }).click();
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByText("No keys yet").waitFor();
  await page.getByLabel("Name").fill("the nightly build");
  await page.getByRole("radio", { name: /^Read/ }).check();
  await page.getByLabel(/^Only from these networks/).fill("10.0.0.1/8");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByRole("alert").filter({ hasText: "10.0.0.0/8 may be meant" }).waitFor();
  await page.getByLabel(/^Only from these networks/).fill("127.0.0.0/8, ::1");
  await page.getByRole("button", { name: "Create key" }).click();
  const field = page.getByLabel("The key, shown only now");
  await field.waitFor();
  const key = await field.inputValue();
  assert.match(key, /^ja_[0-9A-Za-z]{49}$/);
  assert.ok(await field.evaluate((input) => input === document.activeElement), "whoever uses a keyboard is at the key");
  await page.getByText("never used").waitFor();
  await pictures(world, page, "api-keys");

  const api = new Api(server.address);
  api.token = key;
  assert.deepEqual((await api.get("/evaluations")).items, []);
  // The rate of a key that was made elsewhere is shown too.
  const owner = new Api(server.address);
  await owner.logIn(name);
  const bounded = await owner.post("/keys", { name: "a bounded one", scopes: ["read"], per_minute: 60 });
  await page.reload();
  await page.getByText("at most 60 requests a minute").waitFor();
  await owner.remove(`/keys/${bounded.id}`);
  await page.reload();
  await page.getByText(/last used/).waitFor();
  assert.equal(await page.getByLabel("The key, shown only now").count(), 0);
  assert.ok(!(await page.content()).includes(key), "it is told once");
  await page.getByRole("button", { name: "Revoke: the nightly build" }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page.getByText("No keys yet").waitFor();
  await assert.rejects(api.get("/evaluations"), /401/);
  await page.getByLabel("Language").selectOption("Deutsch");
  await page.getByRole("heading", { name: "API-Schlüssel" }).waitFor();
}

/** A key has a budget of a day, and the list says what it has used of it. */
export async function aKeySaysWhatItUsesOfItsDay(world) {
  const model = await world.model();
  const price = '[[prices]]\nmodel = "scripted-1"\ninput_usd_per_million = 100.0\noutput_usd_per_million = 100.0\n';
  const server = await world.server({ config: model.judge("modelled") + price });
  const page = await world.page(server.address);
  await signUp(page);
  await page.goto(`${server.address}/#/keys`);
  await page.getByLabel("Name").fill("the nightly build");
  const day = page.getByRole("group", { name: "Most it may use each day" });
  await day.getByLabel("Tokens a day").fill("0");
  await page.getByRole("button", { name: "Create key" }).click();
  assert.ok(await day.getByLabel("Tokens a day").evaluate((input) => input.matches(":invalid")), "a day of nothing is no budget");
  await day.getByLabel("Tokens a day").fill("50000");
  await day.getByLabel("US dollars a day").fill("2.5");
  await page.getByRole("button", { name: "Create key" }).click();
  const key = await page.getByLabel("The key, shown only now").inputValue();
  const row = page.locator(".shelf-row");
  await row.getByText("$0 of $2.5 used today · 0 of 50,000 tokens used today").waitFor();
  await pictures(world, page, "api-key-with-budget");

  const api = new Api(server.address);
  api.token = key;
  const texts = { source_text: "The ferry leaves at nine.", candidate_output: "The ferry leaves at nine." };
  const { id } = await api.post("/evaluations", { ...texts, config: { judges: ["modelled"] }, start: true });
  while ((await api.get(`/evaluations/${id}`)).status !== "completed") await new Promise((resolve) => setTimeout(resolve, 50));
  await page.reload();
  await row.getByText(/\$0\.[0-9]+ of \$2\.5 used today · [1-9][0-9,]* of 50,000 tokens used today/).waitFor();
  await page.getByLabel("Language").selectOption("Deutsch");
  await row.getByText(/heute \$0,[0-9]+ von \$2,5 verbraucht · heute [1-9][0-9.]* von 50\.000 Tokens verbraucht/).waitFor();
}
