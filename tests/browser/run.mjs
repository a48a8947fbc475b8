// The page in a real browser, before real servers that the tests start, kill and start again.
//
// usage: node run.mjs BINARY [FOLDER FOR SCREENSHOTS [NAME OF A TEST]…]

import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { chromium } from "playwright-core";
import { World } from "./world.mjs";

const FILES = ["client", "origins", "page", "answer", "work", "account", "connection", "keyboard", "states", "texts", "calibration", "collections", "tasks", "dark", "looks", "speed"];

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
  const passes = async (name, test) => {
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
    for (const fault of world.faults) console.error(`FAILED ${name}: ${fault.stack ?? fault}`);
    if (world.faults.length === 0) console.log(`ok ${name} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
    return world.faults.length === 0;
  };
  const [failed, flaky] = [[], []];
  try {
    // A second try, as of the tests in Rust: what needs it is told by name.
    for (const [name, test] of tests) if (!(await passes(name, test))) ((await passes(name, test)) ? flaky : failed).push(name);
  } finally {
    await browser.close();
  }
  const told = (count, names) => [count, ...names].join(" ");
  console.log(`browser: ${tests.length - failed.length} passed, ${told(`${failed.length} failed`, failed)}, ${told(`${flaky.length} flaky`, flaky)}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

await main();
