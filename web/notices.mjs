// Prints the licences of the packages that the page's bundle is made of, for notices/web.txt:
//     node web/notices.mjs > notices/web.txt
// after `npm ci` in web/. The crates' part is made by tests/notices.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
const blocks = [];
for (const [path, found] of Object.entries(lock.packages)) {
  // The first is the page itself.
  if (path === "" || found.dev) continue;
  const folder = join(here, path);
  const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (version !== found.version) throw new Error(`${name} ${version} is installed, not ${found.version}: npm ci`);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  if (files.length === 0) throw new Error(`${name} brings no licence along`);
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").replace(/[ \t\r]+$/gm, "").trim());
  blocks.push([`${name} ${version} (${license}) ${homepage ?? ""}`.trim(), ...texts].join("\n\n"));
}
console.log(blocks.join("\n\n"));
