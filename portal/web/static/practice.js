/*
 * Practice: the device keeps what is typed, and the rules speak after each pause. Nothing is kept on the site, so nothing
 * is lost with a session; the check answers each request from itself alone.
 */

import { keep, kept, place, putBack, typed, typedEarly } from "./notice-form.js";

const form = document.getElementById("notice");
const says = form.dataset;
const slot = `daylight:practice:${form.elements.rules?.value ?? ""}:${form.elements.agency?.value ?? ""}`;
const status = document.getElementById("saved");
const PAUSE = 1200;
let timer = 0;
let asked = 0;

function tell(text) {
  status.textContent = text;
  if (!kept(slot)) return;
  const forget = document.createElement("button");
  forget.type = "button";
  forget.className = "quiet";
  forget.textContent = says.saysForget;
  forget.addEventListener("click", () => {
    clearTimeout(timer);
    localStorage.removeItem(slot);
    form.reset();
    tell(says.saysForgotten);
  });
  status.append(" ", forget);
}

function keepIt() {
  const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  tell(keep(slot, form) ? says.saysKept.replace("{time}", time) : says.saysNotKept);
}

async function check() {
  const number = ++asked;
  const body = new URLSearchParams([...typed(form), ["do", "keep"]]);
  const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || number !== asked) return;
  place(form, new DOMParser().parseFromString(await answer.text(), "text/html"));
}

function later() {
  keepIt();
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

form.addEventListener("input", later);
form.addEventListener("change", later);

const early = typedEarly(form);
const before = kept(slot);
const served = ["need", "outcome"].some((name) => form.elements[name].defaultValue);
if (before && !served) {
  putBack(form, before.fields, early);
  tell(says.saysBack);
}
if (early.size) later();
else if (before && !served) await check();
