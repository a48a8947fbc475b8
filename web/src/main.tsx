import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/audit.css";
import "./style/figures.css";
import "./style/lists.css";
import "./style/print.css";
import { render } from "preact";
import { App } from "./app";
import { resume } from "./state/session";
import { ready } from "./words";

const root = document.getElementById("app");
void resume();
void ready.then(() => {
  if (root) render(<App />, root);
});
