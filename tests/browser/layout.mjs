// What a page's layout must never do, whatever it looks like.

/** In the page: each text that stands behind something else, or outside of the page. */
function coveredTexts() {
  const dialog = document.querySelector("dialog[open]");
  const walker = document.createTreeWalker(dialog ?? document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  /** Whether this point is cut off by a box that scrolls. */
  const isCutOff = (element, x, y) => {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflow === "visible") continue;
      const { left, right, top, bottom } = box.getBoundingClientRect();
      if (x < left || x > right || y < top || y > bottom) return true;
    }
    return false;
  };
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    const isShown = parent.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true, visibilityProperty: true });
    if (node.data.trim() === "" || !isShown || parent.closest("option, .skip")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      const y = (top + bottom) / 2;
      for (const x of [left + 2, (left + right) / 2, right - 2]) {
        if (y < 0 || y >= innerHeight || right - left < 4 || isCutOff(parent, x, y)) continue;
        const over = document.elementFromPoint(x, y);
        if (over && (over.contains(parent) || parent.contains(over))) continue;
        found.add(`"${node.data.trim().slice(0, 40)}" is behind ${over ? over.outerHTML.slice(0, 60) : "the edge"}`);
      }
    }
  }
  return [...found];
}

/** What has come into view is laid out and painted in the next few frames. */
export const settled = (page) =>
  page.evaluate(async () => {
    for (let frame = 0; frame < 5; frame += 1) await new Promise((next) => requestAnimationFrame(next));
  });

/** The page's texts that can't be read, in a view of this width that is as high as the page. */
export async function unreadable(page) {
  const { width, height } = page.viewportSize();
  const all = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.min(Math.max(all, height), 6_000) });
  // What fills the view makes the page a little higher than it.
  await page.evaluate(() => scrollTo(0, 0));
  await settled(page);
  const found = await page.evaluate(coveredTexts);
  await page.setViewportSize({ width, height });
  return found;
}
