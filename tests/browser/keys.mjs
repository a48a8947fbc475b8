// Keys alone, the focus always to be seen and where a person goes on.

import assert from "node:assert/strict";

/** More Tabs than any page of these tests takes. */
const MOST_TABS = 120;
/** For the focus to get where it belongs, once what it belongs to is there. */
const PATIENCE = 2_000;

/** In the page: where the focus is, and what stands against its being seen. */
function focusInPage() {
  const element = document.activeElement;
  const name = `${element.tagName.toLowerCase()} ${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 60)}`;
  if (element === document.body) return { name: "body", fault: "nothing has the focus" };
  if (!element.matches(":focus-visible")) return { name, fault: "not :focus-visible" };
  const outlined = (box) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(box);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
  };
  // A field that is hidden for its looks is shown by what stands in its label.
  const label = element.closest("label");
  const isTiny = element.clientWidth < 4 && label !== null;
  const shown = [...(isTiny ? [label, ...label.children] : []), element].find((box) => box !== (isTiny && element) && outlined(box));
  if (!shown) return { name, fault: "no outline" };
  const box = shown.getBoundingClientRect();
  if (box.width < 4 || box.height < 4) return { name, fault: `its outline is ${box.width} by ${box.height}` };
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return { name, fault: "outside of the view" };
  const [first] = shown.getClientRects();
  const over = document.elementFromPoint(first.left + first.width / 2, Math.min(Math.max(first.top + first.height / 2, 0), innerHeight - 1));
  if (!over || !(shown.contains(over) || over.contains(shown))) return { name, fault: `covered by ${over?.outerHTML.slice(0, 80)}` };
  return { name, fault: null };
}

/** A person with keys alone. */
export class Keys {
  #page;
  /** What Tab went through. */
  passed = new Set();
  /** All of them are told at the end: one is seldom alone. */
  faults = [];

  constructor(page) {
    this.#page = page;
  }

  /** The focus can be seen, and is at `locator` or within it. */
  async at(locator, what) {
    await locator.waitFor();
    const handle = await locator.elementHandle();
    const there = this.#page.waitForFunction((element) => element.contains(document.activeElement), handle, { timeout: PATIENCE });
    const is = await there.then(() => true, () => false);
    const { name, fault } = await this.#page.evaluate(focusInPage);
    if (!is) this.faults.push(`${what}: the focus is at ${name}`);
    else if (fault && !name.startsWith("main ")) this.faults.push(`${what}: ${name}: ${fault}`);
  }

  /** A new page begins at its content, for whoever listens to it as well. */
  async atContent(what) {
    await this.at(this.#page.getByRole("main"), what);
  }

  /** Presses Tab until `locator` has the focus; all on the way can be seen. */
  async to(locator, key = "Tab") {
    await locator.first().waitFor();
    const names = [];
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    for (let presses = 0; presses < MOST_TABS; presses += 1) {
      await this.#page.keyboard.press(key);
      const { name, fault } = await this.#page.evaluate(focusInPage);
      names.push(name);
      if (await locator.evaluate((element) => element === document.activeElement)) {
        if (fault) this.faults.push(`${name}: ${fault}`);
        return;
      }
      // The end of the page: the browser's own bar is next, then the page from its beginning.
      if (name === "body") continue;
      if (fault) this.faults.push(`${name}: ${fault}`);
      this.passed.add(name);
    }
    assert.fail(`${locator} is not among ${names.join(" | ")}`);
  }

  async press(key, locator) {
    if (locator) await this.to(locator);
    await this.#page.keyboard.press(key);
  }

  async type(locator, text) {
    await this.to(locator);
    await this.#page.keyboard.insertText(text);
  }
}
