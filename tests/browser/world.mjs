// What a test is given: a browser, servers and models of its own, and an end for all of them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { Model } from "./model.mjs";
import { Server } from "./server.mjs";
import { DEADLINE } from "./wait.mjs";

export class World {
  /** The program itself, for what is done by its commands. */
  binary;
  #browser;
  #closing = [];
  #complaints = [];
  /** Whoever comes without a login is told so. */
  #expected = [/status of 401/];
  #pages = [];
  /** What went wrong, the first of them first. */
  faults = [];
  /** The folder for screenshots. */
  shots;

  constructor(binary, browser, shots) {
    this.binary = binary;
    this.#browser = browser;
    this.shots = shots;
  }

  async server(options) {
    const server = await Server.start(this.binary, options);
    this.#closing.push(() => server.stop());
    return server;
  }

  /** What is done at the end, before what was begun earlier is ended. */
  after(task) {
    this.#closing.push(task);
  }

  async model(options) {
    const model = await Model.start(options);
    this.#closing.push(() => model.stop());
    return model;
  }

  /** A page of somebody who was never here: a login stays with its cookie. Without an address it is empty yet. */
  async page(address, { context = {}, before = async () => {} } = {}) {
    const opened = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", ...context });
    this.#closing.push(() => opened.close());
    opened.setDefaultTimeout(DEADLINE);
    opened.on("page", (page) => this.#listen(page));
    const page = await opened.newPage();
    await before(page);
    if (address === null) return page;
    const response = await page.goto(address);
    assert.equal(response.status(), 200);
    return page;
  }

  /** Lets the browser itself report this, such as a refused request that belongs to the test. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  /** Nothing else was in the browser's console. */
  quiet() {
    const told = this.#complaints.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(told, [], "nothing in the browser's console");
  }

  /** What each page looks like, for whoever has to find out why. */
  async leavePictures(name) {
    for (const [place, page] of this.#pages.entries()) {
      await page.screenshot({ path: join(this.shots, `failed-${name}-${place + 1}.png`) }).catch(() => {});
    }
  }

  /** Ends what was begun, the newest first; what does not end well is a fault as well. */
  async close() {
    for (const close of this.#closing.reverse()) await close().catch((fault) => this.faults.push(fault));
  }

  #listen(page) {
    this.#pages.push(page);
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !isOfLeftIcon(message)) this.#complaints.push(message.text());
    });
  }
}

/** The browser asks for the page's icon late, and may do it as the empty page that a test went to since. */
function isOfLeftIcon(message) {
  const refused = /\/icon\.svg' from origin 'null' has been blocked/;
  return refused.test(message.text()) || (message.location().url.endsWith("/icon.svg") && message.text().endsWith("net::ERR_FAILED"));
}
