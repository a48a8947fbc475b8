// What the conformance suite imports of Node 22 and does not use against a server: `globSync`. Loaded before it, so
// that the suite runs on Node 20 too.

import { register } from "node:module";

const files = 'export * from "node:fs"; export { default } from "node:fs"; export const globSync = undefined;';
const hook = `
export async function resolve(name, context, next) {
  if (name !== "fs") return next(name, context);
  return { url: "data:text/javascript," + encodeURIComponent(${JSON.stringify(files)}), shortCircuit: true };
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
