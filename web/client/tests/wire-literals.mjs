// Writes every wire example of the server as a literal with its type, so that the compiler compares
// them: a missing field, a wrong one and one that the types don't know are errors.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const examples = join(here, "../../../tests/wire");
if (!existsSync(examples)) throw new Error(`the wire examples of the repository are not at ${examples}`);

const TYPES = { command: "t.Command", event: "t.SessionEvent", reply: "t.Reply | t.ErrorReply", control: "t.Control" };
const files = readdirSync(examples).filter((name) => name.endsWith(".json"));
if (files.length === 0) throw new Error(`no examples in ${examples}`);
const entries = files.map((name) => {
  const [group] = name.split(".");
  const type = TYPES[group];
  if (type === undefined) throw new Error(`${name}: no type for it`);
  const text = readFileSync(join(examples, name), "utf8").trim();
  return `  ${JSON.stringify(basename(name, ".json"))}: ${text} satisfies ${type},`;
});
mkdirSync(join(here, "generated"), { recursive: true });
writeFileSync(
  join(here, "generated/wire.ts"),
  `import type * as t from "../../src/index.js";\n\nexport const WIRE = {\n${entries.join("\n")}\n} as const;\n`,
);
