// Puts a text on the clipboard.

/** Browsers lend the clipboard only to pages that came by https; elsewhere a selection is copied the old way. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const back = document.activeElement;
    const field = document.createElement("textarea");
    field.value = text;
    // A dialog takes the focus away from whatever is not in it.
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (back instanceof HTMLElement) back.focus();
    return done;
  }
}
