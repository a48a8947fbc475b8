// The events that reach a page, as its sockets bring them and as it takes them, each counted as often as it comes.

import assert from "node:assert/strict";

/** Calls this with each message that a socket of the page brings. Listens from before the page is opened. */
export function onMessage(page, heard) {
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => heard(JSON.parse(payload))));
}

/** The first message of this kind that a socket of the page brings from now on. */
export const messageOf = (page, wanted) => new Promise((resolve) => onMessage(page, (message) => wanted(message) && resolve(message)));

/** The events among them, as they come. */
export function framesOf(page) {
  const events = [];
  onMessage(page, (message) => message.seq !== undefined && events.push(message));
  return events;
}

/** How often the page's own listener was called: it measures each call until the screen shows it. */
export const timesTaken = (page) => page.evaluate(() => performance.getEntriesByName("event-to-screen").length);

/** Every event of the log once and in order, on the way and in the page. */
export async function onceEach(page, seqs) {
  const last = Number(await page.getByRole("article").and(page.locator("[data-seq]")).getAttribute("data-seq"));
  const all = Array.from({ length: last }, (_, n) => n + 1);
  assert.deepEqual(seqs, all, "on the way");
  assert.equal(await timesTaken(page), all.length, "taken by the page");
  return last;
}

/** Keeps what the page says in its status lines, however short it says it. */
export const keepWhatIsSaid = (page) =>
  page.addInitScript(() => {
    window.said = new Set();
    new MutationObserver(() => {
      for (const status of document.querySelectorAll('[role="status"]')) window.said.add(status.textContent);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });

export async function wasSaid(page, text) {
  const said = await page.evaluate(() => [...window.said]);
  assert.ok(said.some((line) => text.test(line)), `${text} in ${JSON.stringify(said)}`);
}
