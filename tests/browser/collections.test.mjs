// Collections of documents: made, filled, searched, audited with, and deleted.

import assert from "node:assert/strict";
import { Api } from "./api.mjs";
import { claimsIn, fillIn, fits, hasStatus, pictures, signUp } from "./steps.mjs";

const RULES = [
  "# Harbour rules 🚢",
  "",
  "The northern gate closes at 21.40 every evening. Whoever comes later rings the bell at the lock.",
  "",
  "Dogs are kept on a lead on every quay. Fishing is allowed from the eastern mole only.",
].join("\n");
const FLEET = "The ferry Alma was built in 1998 and carries 220 passengers. The ferry Berta was built in 2004 and carries 310 passengers.";
const SOURCE = "The harbour of Holm lies in the north of the island. It has three quays.";
const CANDIDATE = "The harbour has three quays. The northern gate closes at 21.40 every evening. The ferry Alma carries 500 passengers.";

const rows = (page, name) => page.getByRole("list", { name, exact: true }).getByRole("listitem");
const heading = (page, name) => page.getByRole("heading", { name, exact: true });
const uploads = (page) => page.getByRole("list", { name: "Uploads" }).getByRole("listitem");

const file = (name, text, mimeType = "text/plain") => ({ name, mimeType, buffer: Buffer.from(text) });

async function makeCollection(page, name) {
  await page.getByRole("link", { name: "Collections", exact: true }).first().click();
  await heading(page, "Collections").waitFor();
  await page.getByLabel("Name of a new collection").fill(name);
  await page.getByRole("button", { name: "Create collection" }).click();
  await heading(page, name).waitFor();
  await heading(page, "No documents yet").waitFor();
}

async function paste(page, name, text) {
  const form = page.locator(".paste");
  if (!(await form.evaluate((element) => element.open))) await form.locator("summary").click();
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Text", { exact: true }).fill(text);
  await form.getByRole("button", { name: "Add text" }).click();
  await form.getByText(`“${name}” added, `).waitFor();
}

async function search(page, words) {
  await page.getByLabel("Words or a sentence").fill(words);
  await page.getByRole("button", { name: "Search", exact: true }).click();
}

/** The text of what is marked, piece by piece. */
const marked = (page) => page.locator(".source mark").allInnerTexts();

export async function collectionOfDocuments(world) {
  const server = await world.server();
  // An empty file is refused.
  world.expect(/status of 422/);
  const page = await world.page(server.address);
  await signUp(page);
  await page.getByRole("link", { name: "Collections", exact: true }).click();
  await heading(page, "No collections yet").waitFor();
  await pictures(world, page, "collections-empty");
  await makeCollection(page, "Harbour");
  await pictures(world, page, "collection-empty");
  assert.ok(await page.getByRole("button", { name: "Search", exact: true }).isDisabled(), "nothing to search yet");

  // Files that are chosen: several at once, and what can't be read says so by its name.
  await page.getByLabel("Choose files").setInputFiles([file("rules.txt", RULES), file("photo.png", "x", "image/png"), file("empty.txt", "")]);
  await uploads(page).filter({ hasText: /rules\.txt added, \d+ passages?/ }).waitFor();
  await uploads(page).filter({ hasText: "photo.png This kind can't be read." }).waitFor();
  await uploads(page).filter({ hasText: /empty\.txt (?!waits|is being sent)\S+/ }).waitFor();
  assert.equal(await rows(page, "Documents").count(), 1, "only what was added is listed");
  await page.getByText(/^1 document · \d+ passages? · 2\d\d characters/).waitFor();

  // A file that is dropped.
  const dropped = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "fleet.txt", { type: "text/plain" }));
    return data;
  }, FLEET);
  const zone = page.locator(".add-documents");
  for (const type of ["dragover", "drop"]) await zone.dispatchEvent(type, { dataTransfer: dropped });
  await rows(page, "Documents").filter({ hasText: "fleet.txt" }).waitFor();
  await paste(page, "Notes <b>of</b> Monday", "The lock keeper has a dog of her own.");
  await rows(page, "Documents").nth(2).waitFor();
  const first = rows(page, "Documents").first();
  assert.match((await first.innerText()).replace(/\s+/g, " "), /^rules\.txt text · added \d.* Characters [\d,]+ Passages \d/);
  await page.reload();
  await rows(page, "Documents").nth(2).waitFor();
  await page.getByText(/^3 documents · /).waitFor();

  // A search leads to the passage in its document, and back.
  await search(page, "when does the gate close");
  const found = rows(page, "Passages found");
  await found.first().filter({ hasText: "The northern gate closes at 21.40" }).waitFor();
  await pictures(world, page, "collection");
  await fits(world, page, "collection");
  const passage = await found.first().locator("p").textContent();
  await found.first().getByRole("link", { name: "rules.txt" }).click();
  await heading(page, "rules.txt").waitFor();
  await page.getByText("The passage is marked.").waitFor();
  const plain = (text) => text.replace(/\s+/g, "");
  assert.equal(plain((await marked(page)).join("")), plain(passage), "exactly the passage is marked");
  assert.equal(plain(await page.getByRole("region", { name: "Document text" }).textContent()), plain(RULES), "and all of the document is there");
  await pictures(world, page, "document");
  await fits(world, page, "document");
  await page.goBack();
  await found.first().waitFor();
  assert.equal(await page.getByLabel("Words or a sentence").inputValue(), "when does the gate close");
  await search(page, "xylophone");
  await page.getByText("No passage fits.").waitFor();
  assert.equal(await found.count(), 0);

  // Without a passage there is nothing to mark.
  await rows(page, "Documents").filter({ hasText: "Notes <b>of</b> Monday" }).getByRole("link").click();
  await heading(page, "Notes <b>of</b> Monday").waitFor();
  assert.equal(await page.locator("mark").count(), 0);
  await page.goBack();

  // A document, and then the collection, are deleted after a question that can be answered by no.
  const doomed = rows(page, "Documents").filter({ hasText: "fleet.txt" });
  await doomed.getByRole("button", { name: "Delete: fleet.txt" }).click();
  await pictures(world, page, "document-delete", { at: doomed });
  await doomed.getByRole("button", { name: "Keep it" }).click();
  await doomed.getByRole("button", { name: "Delete: fleet.txt" }).click();
  await doomed.getByRole("button", { name: "Delete it" }).click();
  await doomed.waitFor({ state: "detached" });
  await page.getByText(/^2 documents · /).waitFor();
  const [address] = page.url().split("?");
  await page.getByRole("link", { name: "Collections", exact: true }).first().click();
  const shelf = rows(page, "Collections").filter({ hasText: "Harbour" });
  await shelf.filter({ hasText: "2 documents" }).waitFor();
  await pictures(world, page, "collections");
  await fits(world, page, "collections");
  await shelf.getByRole("button", { name: "Delete: Harbour" }).click();
  await page.getByText("Delete it with 2 documents? That can't be undone.").waitFor();
  await page.keyboard.press("Escape");
  await shelf.getByRole("button", { name: "Delete: Harbour" }).click();
  await shelf.getByRole("button", { name: "Delete it" }).click();
  await heading(page, "No collections yet").waitFor();
  world.expect(/status of 404/);
  await page.goto(address);
  await heading(page, "There is no such collection").waitFor();
  await page.goto(`${address}/0197c2a0-1f00-7000-8000-000000000001`);
  await heading(page, "There is no such document").waitFor();
}

/** What is found in a collection decides claims, and says which document it stands in. */
export async function auditWithCollection(world) {
  const server = await world.server();
  const page = await world.page(server.address);
  await signUp(page);
  await makeCollection(page, "Harbour");
  await page.getByLabel("Choose files").setInputFiles([file("rules.txt", RULES), file("fleet.txt", FLEET)]);
  await rows(page, "Documents").nth(1).waitFor();
  await page.getByRole("button", { name: "New audit with it" }).click();
  await fillIn(page, SOURCE, CANDIDATE);
  const against = page.getByLabel("Check against");
  await against.locator("option:checked", { hasText: "the source and “Harbour” (2 documents)" }).waitFor({ state: "attached" });
  await page.getByText("More choices", { exact: true }).click();
  const best = page.getByRole("checkbox", { name: /only the best passages/ });
  assert.ok((await best.isChecked()) && (await best.isDisabled()), "a collection is always retrieved from");
  await pictures(world, page, "new-audit-collection");
  await against.selectOption("the source only");
  assert.ok(!(await best.isChecked()) && (await best.isEnabled()));
  await against.selectOption({ index: 1 });
  const asked = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/evaluations"));
  await page.getByRole("button", { name: "Run audit", exact: true }).click();
  const { config } = (await asked).postDataJSON();
  assert.ok(config.enable_retrieval && /^[0-9a-f-]{36}$/.test(config.collection_id), JSON.stringify(config));
  await hasStatus(page, "completed");
  await page.getByText("Checked against the collection Harbour too.").waitFor();

  const panel = page.getByRole("region", { name: "The chosen claim" });
  await claimsIn(page, "Supported").filter({ hasText: "northern gate" }).click();
  const link = panel.getByRole("link", { name: "rules.txt" });
  await link.waitFor();
  assert.deepEqual(await marked(page), [], "nothing of the audit's own source says so");
  await pictures(world, page, "result-collection");
  await pictures(world, page, "result-collection-claim", { at: panel });
  await claimsIn(page, "Supported").filter({ hasText: "three quays" }).click();
  await page.locator(".source mark").first().waitFor();
  assert.deepEqual(await marked(page), ["It has three quays."], "what is in the source is marked there");
  await claimsIn(page, "Contradicted").filter({ hasText: "500 passengers" }).click();
  await panel.getByRole("link", { name: "fleet.txt" }).first().click();
  await heading(page, "fleet.txt").waitFor();
  await page.locator(".source mark").first().waitFor();
  assert.match((await marked(page)).join(""), /^The ferry Alma was built in 1998 and carries 220 passengers\.$/);
  await page.goBack();

  // Whoever gets a link that shows what was found has no documents to look into all the same.
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("checkbox", { name: /^Show what was found in your collection too/ }).check();
  await page.getByRole("button", { name: "Create link" }).click();
  const stranger = await world.page(await page.getByLabel(/^The link/).inputValue());
  await stranger.getByText("Checked against a collection of documents too.").waitFor();
  await claimsIn(stranger, "Supported").filter({ hasText: "northern gate" }).click();
  await stranger.getByRole("region", { name: "The chosen claim" }).getByText("from rules.txt").waitFor();
  assert.equal(await stranger.getByRole("link", { name: "rules.txt" }).count(), 0);
  await page.getByRole("button", { name: "Close", exact: true }).click();

  // A collection that is deleted since is no trouble, and chosen no more.
  await page.getByRole("link", { name: "Collections", exact: true }).click();
  await rows(page, "Collections").getByRole("button", { name: "Delete: Harbour" }).click();
  await rows(page, "Collections").getByRole("button", { name: "Delete it" }).click();
  await heading(page, "No collections yet").waitFor();
  world.expect(/status of 404/);
  await page.getByRole("link", { name: "History" }).click();
  await page.locator(".audit-row a").first().click();
  await page.getByText("Checked against a collection of documents too, which was deleted since.").waitFor();
}

/** In the dark, at every width, and with names and texts that try the page. */
export async function oddCollections(world) {
  const server = await world.server();
  const page = await world.page(server.address, { context: { colorScheme: "dark" } });
  const other = new Api(server.address);
  await other.logIn(await signUp(page));
  const long = "archive".repeat(14);
  const { id } = await other.post("/collections", { name: long });
  await other.post("/collections", { name: "أرشيف الميناء" });
  const text = `${"wave".repeat(3000)} The quay of stone is 90 metres long. ${"The tide turns twice a day. ".repeat(3000)}`;
  await other.post(`/collections/${id}/documents`, { name: "x".repeat(200), text });
  await other.post(`/collections/${id}/documents`, { name: "ملاحظات الميناء", text: "تغلق البوابة الشمالية في الساعة 21.40 كل مساء." });
  await page.getByRole("link", { name: "Collections", exact: true }).click();
  await rows(page, "Collections").nth(1).waitFor();
  await pictures(world, page, "collections-odd-dark");
  await fits(world, page, "odd collections");
  await rows(page, "Collections").first().getByRole("link").click();
  await rows(page, "Documents").nth(1).waitFor();
  await search(page, "quay of stone");
  const found = rows(page, "Passages found").filter({ hasText: "The quay of stone is 90 metres long." });
  await found.first().waitFor();
  await pictures(world, page, "collection-odd-dark");
  await fits(world, page, "odd collection");
  await found.first().getByRole("link").click();
  // The passage is far down in a long text, and comes into view.
  const mark = page.locator(".source mark").last();
  await mark.waitFor();
  await page.waitForFunction((element) => {
    const [inner, outer] = [element.getBoundingClientRect(), element.closest('[role="region"]').getBoundingClientRect()];
    return inner.height > 0 && inner.bottom > outer.top && inner.top < outer.bottom;
  }, await mark.elementHandle());
  await pictures(world, page, "document-odd-dark");
  await fits(world, page, "odd document");
  await page.getByRole("link", { name: "New audit" }).click();
  await page.getByLabel("Check against").selectOption({ index: 1 });
  await fits(world, page, "new audit with an odd collection");
}

/** Many files at once, one too large, and a server that wants the rest later: each file says what came of it. */
export async function uploadTroubles(world) {
  const server = await world.server();
  world.expect(/status of 4(13|29)|ERR_CONNECTION_(RESET|ABORTED)|ERR_CONNECTION_REFUSED/);
  const page = await world.page(server.address);
  await signUp(page);
  await makeCollection(page, "Harbour");
  let refusals = 2;
  await page.route("**/documents?name=*", (route) => {
    if (!route.request().url().includes("second") || refusals-- <= 0) return route.continue();
    const problem = { type: "about:blank", title: "Too many requests", status: 429, code: "rate_limited", detail: "too many uploads", request_id: "r" };
    return route.fulfill({ status: 429, headers: { "Retry-After": "1", "Content-Type": "application/problem+json" }, body: JSON.stringify(problem) });
  });
  const large = { name: "large.txt", mimeType: "text/plain", buffer: Buffer.alloc(9 << 20, "The quay is long. ") };
  await page.getByLabel("Choose files").setInputFiles([file("first.txt", RULES), large, file("second.txt", FLEET), file("third.txt", RULES)]);
  await uploads(page).filter({ hasText: "second.txt waits: the server takes no more just now" }).waitFor();
  await uploads(page).filter({ hasText: "third.txt waits" }).waitFor();
  await uploads(page).filter({ hasText: /third\.txt added/ }).waitFor();
  await uploads(page).filter({ hasText: /second\.txt added/ }).waitFor();
  assert.ok(refusals <= 0, "it was sent again");
  await uploads(page).filter({ hasText: "large.txt It is too large for the server." }).waitFor();
  assert.deepEqual(await rows(page, "Documents").locator("b").allInnerTexts(), ["first.txt", "second.txt", "third.txt"]);
  await pictures(world, page, "uploads");

  await server.kill();
  await page.getByLabel("Choose files").setInputFiles([file("late.txt", RULES)]);
  await uploads(page).filter({ hasText: "late.txt The server can't be reached." }).waitFor();
  await page.locator(".paste summary").click();
  await page.locator(".paste").getByLabel("Name").fill("Later");
  await page.locator(".paste").getByLabel("Text", { exact: true }).fill(FLEET);
  await page.getByRole("button", { name: "Add text" }).click();
  await page.getByRole("alert").filter({ hasText: "The server can't be reached." }).waitFor();
  await server.start();
  await page.getByRole("button", { name: "Add text" }).click();
  await page.getByText("“Later” added, 1 passage.").waitFor();
  await rows(page, "Documents").nth(3).waitFor();
}

/** Markdown, HTML and PDF are read as what they are; what has no text is refused with the reason. */
export async function everyKindOfFile(world) {
  const server = await world.server();
  world.expect(/status of 422/);
  const page = await world.page(server.address);
  await signUp(page);
  await makeCollection(page, "Harbour");
  const printer = await world.page(null);
  const printed = async (html) => {
    await printer.setContent(html);
    return printer.pdf();
  };
  const fleet = await printed(`<h1>Fleet</h1><p>${FLEET}</p>`);
  const picture = await printed("<svg width='90' height='90'><circle cx='45' cy='45' r='40' /></svg>");
  const html = `<!doctype html><title>Rules</title><script>alert("never")</script><p>Fishing is allowed from the <b>eastern</b> mole only.`;
  await page.getByLabel("Choose files").setInputFiles([
    file("gate.md", "# Gates\n\nThe *northern* gate closes at 21.40.", "text/markdown"),
    file("rules.HTML", html, "text/html"),
    { name: "fleet.pdf", mimeType: "application/pdf", buffer: fleet },
    { name: "scan.pdf", mimeType: "application/pdf", buffer: picture },
    file("no.pdf", "It only says so.", "application/pdf"),
  ]);
  await uploads(page).filter({ hasText: /scan\.pdf There is no text in it; if it is scanned, its pages are pictures\./ }).waitFor();
  await uploads(page).filter({ hasText: /no\.pdf The PDF can't be read: .*\.$/ }).waitFor();
  await rows(page, "Documents").nth(2).waitFor();
  const kinds = await rows(page, "Documents").getByRole("link").allInnerTexts();
  assert.deepEqual(kinds.map((text) => text.replace(/\s+/g, " ").split(" · ")[0]), ["gate.md Markdown", "rules.HTML HTML", "fleet.pdf PDF"]);
  for (const [words, name, sentence] of [
    ["northern gate", "gate.md", /The northern gate closes at 21\.40\./],
    ["fishing", "rules.HTML", /Fishing is allowed from the eastern mole only\./],
    ["ferry Berta passengers", "fleet.pdf", /The ferry Berta was built in 2004 and carries 310 passengers\./],
  ]) {
    await search(page, words);
    const passage = rows(page, "Passages found").filter({ has: page.getByRole("link", { name }) }).first();
    await passage.getByRole("link").click();
    await heading(page, name).waitFor();
    await page.locator(".source mark").first().waitFor();
    assert.match((await marked(page)).join(" ").replace(/\s+/g, " "), sentence);
    assert.equal(await page.getByText("never").count(), 0);
    await page.goBack();
    await heading(page, "Harbour").waitFor();
  }
}
