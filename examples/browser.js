// A whole audit from a web page with nothing but the browser's own fetch and WebSocket.
// Paste it into the console of a page of the server itself: REST answers only pages of its own origin, and of
// those that the setting server.allowed_origins names.

const rest = async (method, path, body, token) => {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 201 || response.status === 200 ? await response.json() : null;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return answer;
};
const base64url = (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const username = `ada-${Date.now()}`, password = "a long password";
await rest("POST", "/auth/register", { username, password, email: `${username}@example.org` });
let tokens = await rest("POST", "/auth/login", { username, password });
const refresh = async () => (tokens = await rest("POST", "/auth/refresh", { refresh_token: tokens.refresh_token }));

const { id: session_id } = await rest("POST", "/evaluations", {
  source_text: "The bridge opened on 4 May 1987. It is 412 metres long.",
  candidate_output: "The bridge opened in 1987. It is 640 metres long.",
}, tokens.access_token);

let epoch, lastSeq = 0, attempts = 0, ended = false, wait = { min_ms: 500, max_ms: 30000 };
const client_request_id = `start-${session_id}`; // sent again after a reconnect, it is still the same start

function take(event) {
  if (event.seq !== lastSeq + 1) return; // had already, or to be had from the log
  lastSeq = event.seq;
  console.log(event.seq, event.type, event.data);
  ended ||= ["evaluation_complete", "evaluation_cancelled"].includes(event.type) || event.data.fatal === true;
}

async function readLog(reason) {
  if (reason !== "too_far_behind") lastSeq = 0; // another log: from its beginning
  for (let page; !page || page.events.length > 0; page.events.forEach(take)) {
    page = await rest("GET", `/evaluations/${session_id}/events?limit=500&after_seq=${lastSeq}`, undefined, tokens.access_token);
  }
}

function connect() {
  const url = location.origin.replace(/^http/, "ws") + "/ws";
  const socket = new WebSocket(url, ["judge-auditor.v1", `base64url.bearer.${base64url(tokens.access_token)}`]);
  const send = (type, data) => socket.send(JSON.stringify({ type, id: type, data }));
  socket.onmessage = async ({ data: text }) => {
    const { type, data, error, ...message } = JSON.parse(text);
    if (type === "session_joined") epoch = data.epoch; // the log's: an event from a backup has an older one
    if (message.seq !== undefined) take({ type, data, ...message });
    else if (type === "welcome" && message.id === undefined) {
      [attempts, wait] = [0, data.reconnect];
      send("join_session", lastSeq > 0 ? { session_id, epoch, last_seq: lastSeq } : { session_id, last_seq: 0 });
    } else if (type === "session_joined" && data.reason) {
      await readLog(data.reason);
      socket.close(1000); // and join again from there
    } else if (type === "session_joined") send("start_evaluation", { session_id, client_request_id });
    else if (type === "token_expiring") send("authenticate", { token: (await refresh()).access_token });
    else if (type === "drain") setTimeout(() => socket.close(1000), data.reconnect_after_ms);
    else if (type === "error") console.warn(error.code, error.message);
    if (ended) socket.close(1000);
  };
  socket.onclose = async ({ code }) => {
    if (ended || [1003, 1009].includes(code) || code >= 4500) return console.log("closed", code);
    if (code === 4401) await refresh();
    const longest = Math.min(wait.max_ms, wait.min_ms * 2 ** attempts++);
    setTimeout(connect, Math.random() * longest);
  };
}
connect();
