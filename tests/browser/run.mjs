// The page in a real browser, before real servers that the tests start, kill and start again.
//
// usage: node run.mjs BINARY [FOLDER FOR SCREENSHOTS [NAME OF A TEST]…]

import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { chromium } from "playwright-core";
import { World } from "./world.mjs";

const FILES = ["client", "page", "connection", "keyboard", "states", "texts", "dark", "speed"];

async function main() {
  const [binary, shots = "target/screenshots", ...names] = process.argv.slice(2);
  if (!binary) throw new Error("usage: node run.mjs BINARY [FOLDER [TEST]...]");
  await mkdir(shots, { recursive: true });
  const files = await Promise.all(FILES.map((name) => import(`./${name}.test.mjs`)));
  const tests = files.flatMap((file) => Object.entries(file)).filter(([name]) => names.length === 0 || names.includes(name));
  if (tests.length < Math.max(names.length, 1)) throw new Error(`no such test among ${names.join(", ")}`);
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-proxy-server",
    ],
  });
  const failed = [];
  try {
    for (const [name, test] of tests) {
      const world = new World(resolve(binary), browser, shots);
      const begin = performance.now();
      try {
        await test(world);
        world.quiet();
      } catch (failure) {
        world.faults.push(failure);
        await world.leavePictures(name);
      }
      await world.close();
      if (world.faults.length === 0) {
        console.log(`ok ${name} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
      } else {
        failed.push(name);
        for (const fault of world.faults) console.error(`FAILED ${name}: ${fault.stack ?? fault}`);
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`browser: ${tests.length - failed.length} passed, ${failed.length} failed${failed.map((name) => ` ${name}`).join("")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

await main();
