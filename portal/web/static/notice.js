/*
 * Keeps a notice while it is written, and lets the rules speak after each pause. The server judges; this file only sends
 * the form and puts the answer's pieces in place. While the session or the line is gone, the device keeps what is typed.
 */

import { keep, kept, place, putBack, typed, typedEarly } from "./notice-form.js";

const form = document.getElementById("notice");
const says = form.dataset;
const slot = `daylight:notice:${says.who}:${form.elements.draft.value}`;
const PAUSE = 1200;
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

function away() {
  keep(slot, form);
  tell(says.saysAway, true, says.saysSignIn);
}

async function send() {
  if (sending) { again = true; return; }
  sending = true;
  again = false;
  const body = new URLSearchParams([...typed(form), ["token", form.elements.token.value], ["do", "keep"]]);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" }, redirect: "manual" });
    if (answer.ok) {
      place(form, new DOMParser().parseFromString(await answer.text(), "text/html"));
      localStorage.removeItem(slot);
      if (location.pathname !== says.draft) history.replaceState(null, "", says.draft);
    } else {
      away();
    }
  } catch {
    keep(slot, form);
    tell(says.saysOffline, true);
  }
  sending = false;
  if (again) later();
}

/** After signing in again elsewhere: take the new session's token and save what the device kept. */
async function comeBack() {
  if (!kept(slot)) return;
  const answer = await fetch(says.session, { redirect: "manual", headers: { accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  form.elements.token.value = (await answer.json()).token;
  await send();
}

function later() {
  clearTimeout(timer);
  tell(says.saysSaving);
  timer = setTimeout(send, PAUSE);
}

form.addEventListener("input", () => { keep(slot, form); later(); });
form.addEventListener("change", later);
form.addEventListener("submit", () => { clearTimeout(timer); localStorage.removeItem(slot); });
addEventListener("focus", comeBack);
addEventListener("online", comeBack);
document.addEventListener("visibilitychange", () => { if (!document.hidden) comeBack(); });

const early = typedEarly(form);
const before = kept(slot);
if (before) {
  putBack(form, before.fields, early);
  tell(says.saysBack);
  await send();
} else if (early.size) {
  keep(slot, form);
  later();
}
