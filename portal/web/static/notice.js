/*
 * Keeps a notice while it is written, and lets the rules speak after each pause. The server judges; this file only sends
 * the form and puts the answer's pieces in place. While the session or the line is gone, the device keeps what is typed.
 */

const form = document.getElementById("notice");
const says = form.dataset;
const slot = `daylight:notice:${says.who}:${form.elements.draft.value}`;
const PAUSE = 1200;
const UNSENT = ["token", "mend", "do"];
let timer = 0;
let sending = false;
let again = false;

const status = () => document.getElementById("saved");

function tell(text, trouble = false, link = "") {
  status().textContent = text;
  status().classList.toggle("trouble", trouble);
  if (!link) return;
  const anchor = document.createElement("a");
  anchor.href = "/desk/sign-in";
  anchor.target = "_blank";
  anchor.rel = "noopener";
  anchor.textContent = link;
  status().append(" ", anchor);
}

function typed() {
  return [...new FormData(form)].filter(([name]) => !UNSENT.includes(name));
}

function keepHere() {
  try {
    localStorage.setItem(slot, JSON.stringify({ at: Date.now(), fields: typed() }));
  } catch {
    // a device that keeps nothing: the page itself still holds the form
    return false;
  }
  return true;
}

function keptHere() {
  try {
    return JSON.parse(localStorage.getItem(slot) ?? "null");
  } catch {
    return null;
  }
}

/** Put what the device kept back into the form: the same fields, ticks and all. */
function putBack(fields) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || UNSENT.includes(field.name) || field.type === "hidden") continue;
    const given = values.get(field.name) ?? [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else if (given.length) field.value = given[0];
  }
}

/** Take the pieces of the answer that the writer is not in. */
function place(page) {
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
    const open = here.open;
    const focused = here.contains(document.activeElement);
    here.replaceWith(row);
    row.open = open;
    if (focused) row.querySelector("summary").focus();
  }
}

async function send() {
  if (sending) { again = true; return; }
  sending = true;
  again = false;
  const body = new URLSearchParams([...typed(), ["token", form.elements.token.value], ["do", "keep"]]);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" }, credentials: "same-origin", redirect: "manual" });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const saved = page.getElementById("saved");
      place(page);
      if (saved) status().classList.remove("trouble");
      localStorage.removeItem(slot);
      if (location.pathname !== says.draft) history.replaceState(null, "", says.draft);
    } else {
      away();
    }
  } catch {
    keepHere();
    tell(says.saysOffline, true);
  }
  sending = false;
  if (again) later();
}

function away() {
  keepHere();
  tell(says.saysAway, true, says.saysSignIn);
}

/** After signing in again elsewhere: take the new session's token and save what the device kept. */
async function comeBack() {
  if (!keptHere()) return;
  const answer = await fetch(says.session, { credentials: "same-origin", redirect: "manual", headers: { accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  form.elements.token.value = (await answer.json()).token;
  await send();
}

function later() {
  clearTimeout(timer);
  tell(says.saysSaving);
  timer = setTimeout(send, PAUSE);
}

form.addEventListener("input", () => { keepHere(); later(); });
form.addEventListener("change", later);
form.addEventListener("submit", () => { clearTimeout(timer); localStorage.removeItem(slot); });
addEventListener("focus", comeBack);
addEventListener("online", comeBack);
document.addEventListener("visibilitychange", () => { if (!document.hidden) comeBack(); });

const before = keptHere();
if (before) {
  putBack(before.fields);
  tell(says.saysBack);
  await send();
}
