// An audit that is being prepared, as commands that make the same one elsewhere.

import type { CreateEvaluation } from "judge-auditor-client";

/** In single quotes for a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The body is one line of JSON, which can't be the word that ends it. */
export function asCurl(origin: string, body: CreateEvaluation): string {
  return [
    "# KEY holds an API key: make one under Preferences, API keys",
    `curl -sS ${quoted(`${origin}/api/v1/evaluations`)} \\`,
    '  -H "Authorization: Bearer $KEY" \\',
    "  -H 'Content-Type: application/json' \\",
    "  --data-binary @- <<'END_OF_REQUEST'",
    JSON.stringify(body),
    "END_OF_REQUEST",
    "",
  ].join("\n");
}

/** Needs nothing beside Python. */
export function asPython(origin: string, body: CreateEvaluation): string {
  // A string of JSON is one of Python too; what it holds is read as JSON again.
  return [
    "import json",
    "import os",
    "import urllib.request",
    "",
    "# KEY holds an API key: make one under Preferences, API keys",
    `audit = json.loads(${JSON.stringify(JSON.stringify(body))})`,
    "request = urllib.request.Request(",
    `    ${JSON.stringify(`${origin}/api/v1/evaluations`)},`,
    "    data=json.dumps(audit).encode(),",
    '    headers={"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"},',
    ")",
    "with urllib.request.urlopen(request) as answer:",
    '    print(json.load(answer)["id"])',
    "",
  ].join("\n");
}

/** Texts of a build are files; the bound is the one that the papers begin with. */
export function asBuildStep(body: CreateEvaluation): string {
  const sources = body.sources?.map(({ name }, at) => ` --source ${quoted(`${name}=source-${at + 1}.txt`)}`).join("") ?? " --source source.txt";
  const files = [...(body.sources?.map((_, at) => `source-${at + 1}.txt`) ?? ["source.txt"]), "output.txt"];
  const judges = (body.config?.judges ?? []).map((name) => ` --judge ${quoted(name)}`).join("");
  const command = `judge-auditor audit${sources} --candidate output.txt${judges} --max-hallucination 20`;
  return ["- name: Audit the output", `  # ${files.slice(0, -1).join(", ")} and output.txt are made by an earlier step.`, "  run: |", `    ${command}`, ""].join("\n");
}
