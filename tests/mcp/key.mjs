// An account with an API key, for programs that know only addresses and keys.

import { randomBytes } from "node:crypto";

async function post(address, path, body, token) {
  const answer = await fetch(`${address}/api/v1${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

export async function keyOf(address, scope) {
  const username = `agent-${randomBytes(4).toString("hex")}`;
  const password = randomBytes(16).toString("hex");
  await post(address, "/auth/register", { username, email: `${username}@example.org`, password });
  const tokens = await post(address, "/auth/login", { username, password });
  return (await post(address, "/keys", { name: "agent", scopes: [scope] }, tokens.access_token)).key;
}
