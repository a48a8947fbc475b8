// A mouse alone: what is pointed at is in view or scrolled to by the wheel, is not covered, and is pressed where it is.
// How long a person would take is counted by the keystroke-level model (Card, Moran and Newell 1980), so that a task has
// a length that does not depend on the machine.

import assert from "node:assert/strict";

/** Seconds: to think what comes next, to point at it, to press, to go to the keys and back, and a key of somebody who types slowly. */
const MENTAL = 1.35;
const POINT = 1.1;
const PRESS = 0.2;
const HOME = 0.4;
const KEY = 0.28;

/** Turns of the wheel, at most, to get to one thing. */
const MOST_TURNS = 60;
const TURN = 120;
/** For what is scrolled to by the page itself. */
const PATIENCE = 5_000;

/** In the page: where a thing can be pressed, and what is there; or whose box has to be scrolled, and which way. */
function placeOf(element) {
  const [box] = element.getClientRects();
  if (!box) return { fault: "has no box" };
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  for (let above = element.parentElement; above; above = above.parentElement) {
    const isPage = above === document.documentElement;
    const { overflowY } = getComputedStyle(above);
    if (!isPage && (!/auto|scroll/.test(overflowY) || above.scrollHeight <= above.clientHeight)) continue;
    const frame = isPage ? { top: 0, bottom: innerHeight, left: 0, right: innerWidth } : above.getBoundingClientRect();
    const [top, bottom] = [Math.max(frame.top, 0), Math.min(frame.bottom, innerHeight)];
    const over = { x: (Math.max(frame.left, 0) + Math.min(frame.right, innerWidth)) / 2, y: (top + bottom) / 2 };
    if (y < top + 2) return { turn: -1, over };
    if (y > bottom - 2) return { turn: 1, over };
  }
  const there = document.elementFromPoint(x, y);
  // The text of a label presses its field.
  const isIt = there && (element.contains(there) || there.contains(element) || element.closest("label")?.contains(there));
  return isIt ? { x, y } : { x, y, covered: there?.outerHTML.slice(0, 100) ?? "nothing" };
}

/** A person with a mouse; texts are typed or pasted where it has pressed. */
export class Mouse {
  #page;
  /** What was done, in order. */
  steps = [];
  /** How long a person would have taken. */
  seconds = 0;

  constructor(page) {
    this.#page = page;
  }

  async click(locator, what = String(locator)) {
    const { x, y } = await this.#find(locator, what);
    await this.#page.mouse.move(x, y, { steps: 4 });
    await this.#page.mouse.down();
    await this.#page.mouse.up();
    this.#took(what, MENTAL + POINT + PRESS);
  }

  /** A text of the person's own, which is known by heart or read from a note. */
  async type(locator, text, what) {
    await this.click(locator, what);
    await this.#page.keyboard.insertText(text);
    this.seconds += HOME + KEY * text.length;
  }

  /** A text from elsewhere: there it was marked and copied before, here it is put in. */
  async paste(locator, text, what) {
    await this.click(locator, what);
    await this.#page.keyboard.insertText(text);
    this.seconds += HOME + 2 * KEY;
  }

  /** A person reads before the next step. */
  async reads(locator, what = String(locator)) {
    await locator.waitFor();
    const words = (await locator.innerText()).split(/\s+/).length;
    // Four words a second, of which nobody reads more than a screen.
    this.#took(`reads ${what}`, MENTAL + Math.min(words, 120) / 4);
  }

  /** It can be seen as the page is now, without scrolling. */
  async sees(locator) {
    await locator.waitFor();
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      const place = await locator.evaluate(placeOf);
      if (place.x !== undefined && !place.covered) return;
      assert.ok(performance.now() < deadline, `${locator} is not in view: ${JSON.stringify(place)}`);
      await this.#frame();
    }
  }

  async #find(locator, what) {
    await locator.waitFor();
    let last;
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const place = await locator.evaluate(placeOf);
      if (place.x !== undefined && !place.covered) {
        // It stands still: what moves away is pressed by nobody.
        const { x, y } = await locator.evaluate(placeOf);
        if (x === place.x && y === place.y) return place;
        continue;
      }
      last = place;
      if (place.turn) {
        await this.#page.mouse.move(place.over.x, place.over.y);
        await this.#page.mouse.wheel(0, place.turn * TURN);
        this.seconds += PRESS;
      }
      await this.#frame();
    }
    return assert.fail(`${what} can't be pressed: ${JSON.stringify(last)}`);
  }

  #frame() {
    return this.#page.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next))));
  }

  #took(what, seconds) {
    this.steps.push(what);
    this.seconds += seconds;
  }
}
