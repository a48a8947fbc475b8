// What becomes of an audit whose server, or whose connection to it, ends in the middle.

import assert from "node:assert/strict";
import { Api } from "./api.mjs";
import { framesOf, keepWhatIsSaid, onceEach, timesTaken, wasSaid } from "./frames.mjs";
import { SOURCE, banner, beginWith, claims, claimsIn, hasStatus, judgeCards, openTab, pictures, signUp } from "./steps.mjs";

const CLAIMS = 40;
const LOST = /The connection is lost\. The audit goes on at the server/;

async function isWhole(page, judges) {
  await openTab(page, "Texts");
  assert.equal(await claimsIn(page).count(), CLAIMS, "each claim once");
  assert.equal(await claimsIn(page, "Not decided yet").count(), 0);
  await openTab(page, "Judges");
  assert.equal(await judgeCards(page).count(), judges, "each judge once");
}

/** SIGKILL while a judge is at work; the same port and data again. */
export async function serverKilled(world) {
  const model = await world.model({ held: true });
  const server = await world.server({ config: model.judge("slow") });
  // The browser reports each attempt to reach what is not there.
  world.expect(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/);
  let frames;
  const page = await world.page(server.address, { before: (page) => (frames = framesOf(page)) });
  const name = await signUp(page);
  await beginWith(page, ["slow"], SOURCE, claims(CLAIMS));
  const id = page.url().split("/").at(-1);
  await model.asked(1);
  // The others have spoken: the run is in its middle.
  await openTab(page, "Judges");
  await judgeCards(page).nth(3).waitFor();
  await openTab(page, "Texts");
  await claimsIn(page, "(Supported|Contradicted|Not supported)").nth(CLAIMS - 1).waitFor();

  await server.kill();
  await banner(page, LOST).waitFor();
  assert.equal(await page.getByRole("article").and(page.locator("[data-status]")).getAttribute("data-status"), "in_progress");
  const before = frames.length;
  await pictures(world, page, "connection-lost", { fullPage: false });
  assert.equal(frames.length, before, "nothing comes from a dead server");
  const refusal = page.getByRole("alert").filter({ hasText: "The server can't be reached." });
  await page.getByRole("button", { name: "Cancel" }).click();
  await refusal.waitFor();

  await server.start();
  await banner(page, /connection is lost|Connecting again/i).waitFor({ state: "detached" });
  // Asked once more: the answer went down with the server.
  await model.asked(2);
  assert.equal(await page.getByRole("article").and(page.locator("[data-status]")).getAttribute("data-status"), "in_progress");
  model.release();
  await hasStatus(page, "completed");
  assert.equal(await refusal.count(), 0, "there is nothing to cancel any more");
  await isWhole(page, 5);
  assert.ok(frames.length > before, "events came after the restart");
  const last = await onceEach(page, frames.map(({ seq }) => seq));
  const other = new Api(server.address);
  await other.logIn(name);
  const { events } = await other.get(`/evaluations/${id}/events?limit=500`);
  assert.deepEqual(frames, events, "as the log has them");
  assert.equal(new Set(frames.map(({ run_id: run }) => run)).size, 1, "the same run");
  console.log(`  killed after event ${before} of ${last}`);
}

/** Connections that break after every few messages, over a network that says some things twice. */
export async function connectionBreaks(world) {
  const model = await world.model();
  const server = await world.server({ config: model.judge("modelled") });
  const passed = [];
  let messages = 0;
  let connections = 0;
  let doubled = 0;
  const page = await world.page(server.address, {
    before: async (page) => {
      await keepWhatIsSaid(page);
      // The longest waits that the back-off allows.
      await page.addInitScript(() => (Math.random = () => 0.999));
      await page.routeWebSocket(/\/ws$/, (socket) => {
        connections += 1;
        let broken = false;
        const upstream = socket.connectToServer();
        upstream.onMessage((message) => {
          if (broken) return;
          messages += 1;
          if (messages % 6 === 0 && connections <= 3) {
            broken = true;
            upstream.close();
            socket.close({ code: 1001 });
            return;
          }
          socket.send(message);
          const { seq } = JSON.parse(message);
          if (seq === undefined) return;
          passed.push(seq);
          if (seq % 5 === 0) {
            doubled += 1;
            socket.send(message);
          }
        });
      });
    },
  });
  await signUp(page);
  // Many claims, so that the connection breaks while they are decided; the page is there before the first event.
  await beginWith(page, ["modelled"], SOURCE, claims(CLAIMS));
  await hasStatus(page, "completed");
  assert.ok(connections > 3, `${connections} connections`);
  await wasSaid(page, LOST);
  await isWhole(page, 5);
  const last = await onceEach(page, passed);
  assert.ok(last > 45 && doubled > 5, `${last} events, ${doubled} sent twice`);
  console.log(`  ${last} events over ${connections} connections, ${doubled} sent twice`);
}

/** A network that lets no socket through: the same events come as a stream, each once. */
export async function noSocket(world) {
  const model = await world.model({ held: true });
  const server = await world.server({ config: model.judge("slow") });
  let refused = 0;
  const page = await world.page(server.address, {
    before: (page) =>
      page.routeWebSocket(/\/ws$/, (socket) => {
        refused += 1;
        socket.close({ code: 1001 });
      }),
  });
  await signUp(page);
  await beginWith(page, ["slow"], SOURCE, claims(CLAIMS));
  await model.asked(1);
  await banner(page, "Your network lets no live socket through. Events come another way, a little later.").waitFor();
  await openTab(page, "Judges");
  await judgeCards(page).nth(3).waitFor();
  await pictures(world, page, "no-socket", { fullPage: false });
  model.release();
  await hasStatus(page, "completed");
  await isWhole(page, 5);
  assert.ok(refused >= 3, `${refused} sockets`);
  assert.equal(await timesTaken(page), Number(await page.locator("[data-seq]").getAttribute("data-seq")), "each event once");
}
