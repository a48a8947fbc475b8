// A server whose operator has fitted a calibration: every place that shows the score says so.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import assert from "node:assert/strict";
import { CANDIDATE, SOURCE, audit, compareTicked, openTab, pictures, signUp, tickBoth } from "./steps.mjs";

const LABELS = 40;

/** Every second of these names another year than its source. */
const PAIRS = Array.from({ length: LABELS }, (_, at) => {
  const source = `The ferry number ${at} sank in ${1900 + at}. Nobody was hurt.`;
  const candidate = `The ferry number ${at} sank in ${at % 2 === 0 ? 1900 + at : 1940 + at}.`;
  return JSON.stringify({ id: String(at), source, candidate, label: at % 2 === 0 ? 1 : 0, doc: `d${at}` });
}).join("\n");

/** A calibration by the command that operators use; the file is the test's own. */
async function fitted(binary) {
  const folder = await mkdtemp(join(tmpdir(), "auditor-calibration."));
  const pairs = join(folder, "pairs.jsonl");
  await writeFile(pairs, PAIRS);
  await promisify(execFile)(binary, ["calibrate", pairs, "--name", "harbour-texts"], { env: { PATH: process.env.PATH, AUDITOR_DATA_DIR: folder } });
  return { folder, file: join(folder, "calibrations/harbour-texts.json") };
}

async function exported(page, button) {
  await page.getByText("Export", { exact: true }).click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFile(await file.path(), "utf8");
}

export async function calibratedScore(world) {
  const { folder, file } = await fitted(world.binary);
  world.after(() => rm(folder, { recursive: true, force: true }));
  const server = await world.server({ config: `[calibration]\nfile = ${JSON.stringify(file)}\n` });
  const page = await world.page(server.address);
  await signUp(page);
  await audit(page, SOURCE, CANDIDATE);

  const { result } = JSON.parse(await exported(page, "Everything (JSON)"));
  const shown = result.calibration.hallucination_score.toFixed(1);
  const raw = result.hallucination_score.toFixed(1);
  assert.notEqual(shown, raw, "the calibration changes something, or nothing below would be shown by it");
  await openTab(page, "Figures");
  const card = page.getByRole("article", { name: "Hallucination score" });
  assert.match(await card.innerText(), new RegExp(`${shown} of 100`));
  assert.match(await card.innerText(), /calibrated with harbour-texts \(40 labels\)/);
  const tip = card.getByText(`The raw score is ${raw}.`);
  assert.equal(await tip.isVisible(), false);
  await card.getByText("About the calibration").click();
  await tip.waitFor();
  await page.screenshot({ path: join(world.shots, "calibrated-tip.png") });
  await card.getByText("About the calibration").click();
  await tip.waitFor({ state: "hidden" });
  await pictures(world, page, "calibrated", { at: card });
  await page.emulateMedia({ colorScheme: "dark" });
  await pictures(world, page, "calibrated-dark", { at: card });
  await page.emulateMedia({ colorScheme: "light" });

  const report = await exported(page, "Report (HTML)");
  const opened = await world.page(null);
  await opened.setContent(report);
  const percent = (share) => `${Math.round(share * 100)} %`;
  await opened.getByText(`${percent(result.faithfulness.probability)} that the source supports every claim, calibrated with harbour-texts (40 labels); 95 % interval`).waitFor();
  assert.equal(result.faithfulness.interval.method, "labels");
  await opened.getByText(`${percent(result.calibration.raw_probability)}, as the panel gave it`).waitFor();
  await pictures(world, opened, "calibrated-report");
  const [head, row] = (await exported(page, "Table (CSV)")).split("\r\n").map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/));
  const cell = (name) => row[head.indexOf(name)];
  assert.equal(Number(cell("calibrated_hallucination_score")).toFixed(1), shown);
  assert.equal(Number(cell("hallucination_score")).toFixed(1), raw);
  assert.deepEqual([cell("calibration_name"), cell("calibration_labels")], ["harbour-texts", "40"]);

  // Beside another audit both scores are told, since the list's is the raw one.
  await page.getByRole("link", { name: "New audit" }).click();
  await audit(page, SOURCE, SOURCE);
  await tickBoth(page);
  await compareTicked(page);
  const told = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Hallucination, calibrated" }) });
  assert.ok((await told.innerText()).includes(shown));
}
