// The page: who is logged in, what is asked for, and the one audit that is being watched.

import { Api } from "./api.js";
import { Board } from "./board.js";
import { Watch } from "./live.js";

const at = (id) => document.getElementById(id);
const api = new Api();
const board = new Board();

/** The audit on the board: its id, its text, and whoever watches it. */
let audit = null;

function notice(sentence) {
  at("notice").textContent = sentence ?? "";
  at("notice").hidden = !sentence;
}

/** Runs something that a button asks for: the button rests meanwhile, and a failure is told. */
async function busy(button, work) {
  button.disabled = true;
  notice(null);
  try {
    await work();
  } catch (failure) {
    notice(failure.message);
    if (failure.status === 401 && failure.code !== "invalid_credentials") leave();
  } finally {
    button.disabled = false;
  }
}

async function enter() {
  const [user, judges] = await Promise.all([api.call("GET", "/auth/me"), api.call("GET", "/judges")]);
  at("user-name").textContent = user.username;
  at("judges").replaceChildren(
    ...judges.items.map((judge) => {
      const box = document.createElement("input");
      box.type = "checkbox";
      box.name = "judge";
      box.value = judge.name;
      // What leaves the machine is asked for, never assumed.
      box.checked = judge.offline;
      const label = document.createElement("label");
      label.append(box, judge.offline ? judge.name : `${judge.name} (${judge.model})`);
      return label;
    }),
  );
  at("password").value = "";
  at("entry").hidden = true;
  at("who").hidden = at("audit").hidden = false;
  at("source").focus();
}

function leave() {
  audit?.watch.stop();
  audit = null;
  api.forget();
  at("who").hidden = at("audit").hidden = at("live").hidden = true;
  at("entry").hidden = false;
  at("username").focus();
}

function watch(id, candidate) {
  audit?.watch.stop();
  board.begin(candidate);
  at("live").hidden = false;
  at("cancel").hidden = false;
  at("live").scrollIntoView();
  const state = (sentence) => {
    at("connection").textContent = sentence ?? "";
    at("connection").hidden = !sentence;
  };
  state(null);
  const current = new Watch(api, id, {
    onReset: () => board.begin(candidate),
    onState: state,
    onEvent: (event) => {
      if (!board.show(event)) return;
      at("cancel").hidden = true;
      current.stop();
    },
    onGone: (code, sentence) => {
      notice(sentence);
      at("cancel").hidden = true;
      state(null);
      if (code === 4501 || code === 4503) leave();
    },
  });
  audit = { id, watch: current };
}

at("entry-form").addEventListener("submit", (submit) => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  const button = submit.submitter ?? at("log-in");
  busy(button, async () => {
    if (button.id === "register") {
      await api.register(form.get("username"), form.get("email"), form.get("password"));
    } else {
      await api.login(form.get("username"), form.get("password"));
    }
    await enter();
  });
});

at("log-out").addEventListener("click", () =>
  busy(at("log-out"), async () => {
    audit?.watch.stop();
    await api.logout().finally(leave);
  }),
);

at("audit-form").addEventListener("submit", (submit) => {
  submit.preventDefault();
  const form = new FormData(submit.target);
  busy(at("start"), async () => {
    const judges = form.getAll("judge");
    if (judges.length === 0) throw new Error("Please choose at least one judge.");
    // The field's own value: spans count the text exactly as it is sent here.
    const candidate = at("candidate").value;
    const body = { source_text: at("source").value, candidate_output: candidate, config: { judges } };
    const question = at("question").value;
    if (question) body.question = question;
    const { id } = await api.call("POST", "/evaluations", body);
    await api.call("POST", `/evaluations/${id}/start`, { client_request_id: crypto.randomUUID?.() ?? id });
    watch(id, candidate);
  });
});

at("cancel").addEventListener("click", () =>
  busy(at("cancel"), () => api.call("POST", `/evaluations/${audit.id}/cancel`)),
);
