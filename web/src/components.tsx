// What the page is made of, on one page: `npm run dev`, then /components.html. It is no part of what is shipped.

import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/audit.css";
import "./style/figures.css";
import "./style/lists.css";
import type { ComponentChildren } from "preact";
import { render } from "preact";
import { useState } from "preact/hooks";
import { AuditorError } from "judge-auditor-client";
import type { ClaimView, JudgeReport, Label, SourceText } from "judge-auditor-client";
import { Bar, Scale } from "./parts/bar";
import { JudgeCard } from "./parts/judge";
import { Menu } from "./parts/menu";
import { Empty, Notice, Trouble, Waiting } from "./parts/notice";
import { Output } from "./parts/output";
import { Source } from "./parts/source";
import { Sources } from "./parts/sources";
import { Tabs } from "./parts/tabs";
import { Tags } from "./parts/tags";
import { Tally } from "./parts/tally";
import { ALL_LABELS, Chip } from "./parts/verdict";

function Piece(props: { name: string; when: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{props.name}</h2>
      <p class="small faint">{props.when}</p>
      {props.children}
    </section>
  );
}

const COLOURS: [string, string][] = [
  ["--ground", "behind everything"],
  ["--sheet", "cards, fields, menus"],
  ["--ink", "text; the bar of a warning"],
  ["--faint", "what is beside the point"],
  ["--accent", "what can be done; chosen; evidence"],
  ["--supported", "✓ the source says so"],
  ["--unsupported", "? the source does not say so: amber, and nothing else is"],
  ["--contradicted", "✗ the source says something else"],
  ["--differ", "≠ ▲ ▼ disagreement and difference"],
  ["--trouble", "what did not work, what can't be undone"],
];
const TYPE = ["--text-s", "--text-m", "--text-l", "--text-xl", "--text-2xl", "--text-3xl"];
const SPACE = ["--s1", "--s2", "--s3", "--s4", "--s5", "--s6", "--s7"];

const claim = (index: number, label: Label, text: string, start: number): ClaimView => ({
  id: String(index),
  index,
  text,
  type: "factual",
  span: { start, end: start + text.length },
  label,
  confidence: 0.9,
  evidence: [],
});
const TEXT = "The crossing takes 40 minutes. It leaves at 9.30. It was built in Norway.";
const CLAIMS = [
  claim(0, "SUPPORTED", "The crossing takes 40 minutes.", 0),
  claim(1, "REFUTED", "It leaves at 9.30.", 31),
  claim(2, "NOT_ENOUGH_INFO", "It was built in Norway.", 50),
];

const TWO_SOURCES: SourceText[] = [
  { name: "Timetable", text: "The ferry leaves at 7.15." },
  { name: "Leaflet", text: "The crossing takes 40 minutes." },
];
const SOURCES_TEXT = TWO_SOURCES.map(({ text }) => text).join("\n\n");
const NAMED = [
  { name: "Timetable", span: { start: 0, end: 25 } },
  { name: "Leaflet", span: { start: 27, end: 57 } },
];

const report = (changes: Partial<JudgeReport>): JudgeReport => ({
  judge_name: "facts",
  kind: "facts",
  model: "facts/1",
  status: "completed",
  score: 64.5,
  confidence: 0.8,
  reasoning: "2 of 3 claims hold by their numbers, dates and names.",
  flagged_issues: [{ type: "numerical_error", severity: "high", description: "the source says 7.15, the claim says 9.30" }],
  claim_verdicts: [{ claim_id: "0", label: "SUPPORTED", confidence: 0.9 }],
  response_time_ms: 14,
  attempts: 1,
  ...changes,
});

function Components() {
  const [tab, setTab] = useState<"one" | "two">("one");
  const [sources, setSources] = useState<readonly SourceText[]>(TWO_SOURCES);
  return (
    <main class="stack" style={{ justifyItems: "stretch" }}>
      <h1>Components</h1>
      <Piece name="Colours" when="Three have a meaning: a verdict, always with its shape and its line. Everything else is told otherwise.">
        <ul class="plain-list">
          {COLOURS.map(([name, use]) => (
            <li key={name} class="row">
              <span style={{ width: "3rem", height: "1.5rem", border: "1px solid var(--line)", background: `var(${name})` }} />
              <code>{name}</code> <span class="faint">{use}</span>
            </li>
          ))}
        </ul>
      </Piece>
      <Piece name="Type" when="s: what is beside the point; m: text; l: a card's head; xl, 2xl: a page's; 3xl: one figure.">
        {TYPE.map((name) => (
          <p key={name} style={{ fontSize: `var(${name})` }}>
            {name} 1 of 11 claims contradicts the source
          </p>
        ))}
      </Piece>
      <Piece name="Space" when="Between what belongs together s1 to s3, between cards s4, between parts of a page s5 and more.">
        {SPACE.map((name) => (
          <p key={name} class="row">
            <span style={{ width: `var(${name})`, height: "1rem", background: "var(--accent)" }} /> <code>{name}</code>
          </p>
        ))}
      </Piece>
      <Piece name="Buttons" when="One primary in a form. Their words begin with what they do. Quiet: for what is seldom done.">
        <div class="row">
          <button type="button" class="primary">Run audit</button>
          <button type="button">Share</button>
          <button type="button" class="quiet">Delete</button>
          <button type="button" class="danger">Delete account</button>
          <button type="button" disabled>Compare the two</button>
          <button type="button" class="choice-chip" aria-pressed="true">All</button>
          <button type="button" class="choice-chip contradicted" aria-pressed="false">✗ Contradicted</button>
          <Menu title="Export" about="Formats">
            <button type="button" class="quiet">Report (PDF)</button>
          </Menu>
        </div>
      </Piece>
      <Piece name="Verdicts" when="By colour, by shape and by word; a claim in a text also by its line.">
        <p class="row">
          {ALL_LABELS.map((label) => (
            <Chip key={label} label={label} confidence={0.92} />
          ))}
          <span class="chip differ">≠ They differ</span>
        </p>
        <Output text={TEXT} claims={CLAIMS} />
      </Piece>
      <Piece name="Evidence" when="What decides is filled; what speaks to it as well is dotted.">
        <Source text="The ferry leaves at 7.15. The crossing takes 40 minutes." marks={[{ start: 26, end: 56, main: true }, { start: 0, end: 25, main: false }]} />
      </Piece>
      <Piece name="Evidence of several sources" when="Each source has its name over it, which stays while one reads in it.">
        <Source text={SOURCES_TEXT} sources={NAMED} marks={[{ start: 27, end: 57, main: true }]} />
      </Piece>
      <Piece name="Several sources" when="A name and a text each; one that is left needs no name.">
        <Sources sources={sources} most={200_000} change={setSources} />
      </Piece>
      <Piece name="Figures" when="A length never stands without its figure.">
        <Bar value={64.5} />
        <Scale value={12} lower={1} upper={56} bound={45} />
        <Scale value={76} lower={51} upper={100} />
      </Piece>
      <Piece name="Claims by label, tags" when="In lists, where there is room for a line only. A tag leads to the audits that have it.">
        <p>
          <Tally claims={{ supported: 8, refuted: 1, not_enough_info: 2 }} />
        </p>
        <Tags tags={["harbour", "weekly"]} />
      </Piece>
      <Piece name="Notices" when="What happened, and what to do. Bad: something did not work. Warning: something to know of.">
        <Notice title="This audit has not been run" />
        <Notice kind="done" title="The password is changed." />
        <Notice kind="warning" title="Not every judge was heard: the figures rest on the others." />
        <Trouble error={new AuditorError("network", "")} again={() => {}} />
        <Waiting what="Reading the audit" />
        <Empty title="No audits yet">
          <a class="button primary" href="#/">
            Run the first one
          </a>
        </Empty>
      </Piece>
      <Piece name="Tabs" when="Parts of one thing. All of them are printed.">
        <Tabs
          about="Example"
          chosen={tab}
          choose={setTab}
          panels={[
            { name: "one", title: "Texts", content: <p>The first</p> },
            { name: "two", title: "Judges", count: 4, content: <p>The second</p> },
          ]}
        />
      </Piece>
      <Piece name="A judge's card" when="What it says, or why it says nothing.">
        <div class="cards">
          <JudgeCard report={report({})} />
          <JudgeCard report={report({ judge_name: "slow", status: "failed", failure: "transport", score: null, error: "no route to host" })} again={() => {}} />
        </div>
      </Piece>
    </main>
  );
}

const root = document.getElementById("app");
if (root) render(<Components />, root);
