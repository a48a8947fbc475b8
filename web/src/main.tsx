import "./style/base.css";
import "./style/layout.css";
import "./style/audit.css";
import "./style/figures.css";
import "./style/collections.css";
import { render } from "preact";
import { App } from "./app";
import { resume } from "./state/session";

const root = document.getElementById("app");
if (root) render(<App />, root);
void resume();
