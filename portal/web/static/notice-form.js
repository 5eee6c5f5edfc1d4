/* What the desk and practice share about the form of a notice: what was typed, put back, and the pieces of an answer. */

const UNSENT = ["token", "mend", "do"];

/** Everything typed, as pairs; what belongs to one session or one press of a button is left out. */
export function typed(form) {
  return [...new FormData(form)].filter(([name]) => !UNSENT.includes(name));
}

/** The names of fields that somebody wrote in before any script listened: on a slow line the form is there long before. */
export function typedEarly(form) {
  const ticked = ({ type, checked, defaultChecked }) => ["radio", "checkbox"].includes(type) && checked !== defaultChecked;
  const written = ({ type, value, defaultValue }) =>
    !["radio", "checkbox", "hidden", "file"].includes(type) && defaultValue !== undefined && value !== defaultValue;
  return new Set([...form.elements].filter((field) => ticked(field) || written(field)).map((field) => field.name));
}

/** Put what a device had kept back into the form, ticks and all; what was typed since is newer and stays. */
export function putBack(form, fields, newer) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || UNSENT.includes(field.name) || field.type === "hidden" || newer.has(field.name)) continue;
    const given = values.get(field.name) ?? [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else if (given.length) field.value = given[0];
  }
}

/** Take the pieces of an answer that the writer is not in. */
export function place(form, page) {
  for (const piece of page.querySelectorAll("[data-live]")) {
    const here = form.querySelector(`[data-live="${piece.dataset.live}"]`);
    if (!here || here.contains(document.activeElement)) continue;
    here.replaceChildren(...piece.childNodes);
    here.className = piece.className;
    const wrong = here.childElementCount > 0;
    here.closest(".field")?.classList.toggle("bad", wrong);
    const control = form.querySelector(`#f-${CSS.escape(piece.dataset.live)}:not(fieldset)`);
    if (wrong) control?.setAttribute("aria-invalid", "true"); else control?.removeAttribute("aria-invalid");
  }
  for (const row of page.querySelectorAll("[data-row]")) {
    const here = form.querySelector(`[data-row="${row.dataset.row}"]`);
    if (here === null || here.querySelector(".inside").contains(document.activeElement)) continue;
    const { open } = here;
    const focused = here.contains(document.activeElement);
    here.replaceWith(row);
    row.open = open;
    if (focused) row.querySelector("summary").focus();
  }
}

export function kept(slot) {
  try {
    return JSON.parse(localStorage.getItem(slot) ?? "null");
  } catch {
    return null;
  }
}

/** Whether the device could keep it. */
export function keep(slot, form) {
  try {
    localStorage.setItem(slot, JSON.stringify({ at: Date.now(), fields: typed(form) }));
    return true;
  } catch {
    return false;
  }
}
