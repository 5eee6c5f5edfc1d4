/*
 * An evaluator's scores: kept on this device while they are written, locked in by their fingerprint, shown when the panel is
 * full. Until then this device alone has them, and the file it writes; the desk gets the fingerprint and nothing else.
 */

import { clean } from "./bid-papers.js";
import { save } from "./files.js";
import { bytes, canonical, hex, join, random, sha256 } from "./seal.js";

const DOMAIN = bytes("daylight-scores-v1\0");
const VERSION = "daylight-scores-v1";
const form = document.getElementById("scores") ?? document.getElementById("show");
const terms = JSON.parse(form.dataset.terms);
const says = JSON.parse(form.dataset.says);
const slot = `daylight:scores:${terms.opportunity}:${terms.person}`;
const at = (id) => document.getElementById(id);
const say = (key, figures = {}) => says[key].replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/* What the device keeps for this pilot: what was typed, and by fingerprint the scores that were locked in. */
function held() {
  try {
    return { fields: {}, openings: {}, ...JSON.parse(localStorage.getItem(slot) ?? "{}") };
  } catch {
    return { fields: {}, openings: {} };
  }
}
function hold(kept) {
  try {
    localStorage.setItem(slot, JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}

const fileOf = (opening) => `${canonical({ opportunity: terms.opportunity, person: terms.person, version: VERSION, ...opening })}\n`;

/* A file of this pilot's scores, whole or half written; throws when it is none. */
async function read(file) {
  const found = JSON.parse(await file.text());
  if (found.opportunity !== terms.opportunity || found.person !== terms.person) throw new Error("file-other");
  return found;
}

/* ---- writing ---- */

const sheets = [...form.querySelectorAll("[data-sheet]")];
const chosen = (row) => row.querySelector("input:checked")?.value ?? "";
const written = (row) => clean(row.querySelector("textarea").value);
const done = (row) => chosen(row) !== "" && written(row) !== "";

function fields() {
  const found = {};
  for (const field of form.querySelectorAll("textarea, input[type=radio]:checked")) found[field.name] = field.value;
  return found;
}

function fill(values) {
  for (const field of form.querySelectorAll("textarea, input[type=radio]")) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.type === "radio") field.checked = field.value === value; else field.value = value;
  }
}

function refresh() {
  let whole = 0;
  for (const sheet of sheets) {
    const all = [...sheet.querySelectorAll("[data-criterion]")].every(done);
    whole += all;
    at(`mark-${sheet.dataset.sheet}`).textContent = say(all ? "scored" : "to_do");
  }
  at("progress").textContent = say("progress", { n: whole, limit: sheets.length });
}

function keep() {
  at("kept").textContent = hold({ ...held(), fields: fields() }) ? say("kept", { time: clock() }) : say("not_kept");
}

/* The scores as they are committed to: every proposal in the drawn order, every criterion in the notice's. */
function scores() {
  return sheets.map((sheet, n) => ({
    bid: terms.bids[n],
    scores: [...sheet.querySelectorAll("[data-criterion]")].map((row, m) => ({ criterion: terms.criteria[m], score: Number(chosen(row)), words: written(row) })),
  }));
}

function complain() {
  const rows = [...form.querySelectorAll("[data-criterion]")].flatMap((row) => {
    const title = row.dataset.title;
    return [
      ...(chosen(row) === "" ? [[row.querySelector("input"), say("need_level", { title })]] : []),
      ...(written(row) === "" ? [[row.querySelector("textarea"), say("need_words", { title })]] : []),
    ];
  });
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  at("problem").hidden = rows.length === 0;
  at("problem-list").replaceChildren(...rows.map(([field, words]) => {
    if (field.type !== "radio") field.setAttribute("aria-invalid", "true");
    const link = Object.assign(document.createElement("a"), { href: `#${field.id}`, textContent: words });
    link.addEventListener("click", (event) => { event.preventDefault(); field.focus(); });
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  if (rows.length) at("problem").focus();
  return rows.length > 0;
}

async function lockIn() {
  if (complain()) return;
  const opening = { salt: hex(random(32)), scores: scores() };
  const plain = { opportunity: terms.opportunity, person: terms.person, ...opening };
  const commitment = hex(await sha256(join(DOMAIN, bytes(canonical(plain)))));
  const kept = held();
  hold({ fields: fields(), openings: { ...kept.openings, [commitment]: opening } });
  save(`scores-${terms.name}.txt`, fileOf(opening));
  at("kept").textContent = say("locking");
  for (const field of form.querySelectorAll("textarea, input[type=radio]")) field.disabled = true;
  const sent = Object.assign(document.createElement("input"), { type: "hidden", name: "commitment", value: commitment });
  form.append(sent);
  form.submit();
}

async function openFile(input) {
  const [file] = input.files;
  if (!file) return;
  try {
    const found = await read(file);
    if (found.fields) fill(found.fields);
    else found.scores.forEach((row, n) => row.scores.forEach((score, m) => fillRow(sheets[n], m, score)));
    refresh();
    keep();
    at("kept").textContent = say("opened", { name: file.name });
  } catch {
    at("kept").textContent = say("file_other", { name: file.name });
  }
  input.value = "";
}

function fillRow(sheet, place, { score, words }) {
  const row = sheet.querySelectorAll("[data-criterion]")[place];
  row.querySelector(`input[value="${score}"]`).checked = true;
  row.querySelector("textarea").value = words;
}

function startWriting() {
  const kept = held();
  if (!terms.wrote && Object.keys(kept.fields).length) {
    fill(kept.fields);
    at("kept").textContent = say("recalled");
  }
  let timer = 0;
  form.addEventListener("input", () => { refresh(); clearTimeout(timer); timer = setTimeout(keep, 300); });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name) return;
    event.preventDefault();
    lockIn();
  });
  at("save-file").addEventListener("click", () => {
    save(`scores-${terms.name}.draft.txt`, `${JSON.stringify({ fields: fields(), opportunity: terms.opportunity, person: terms.person })}\n`);
  });
  at("open-file").addEventListener("change", (event) => openFile(event.target));
  refresh();
}

/* ---- showing ---- */

function startShowing() {
  const opening = held().openings[form.dataset.commitment];
  const field = at("opening");
  if (!field) return;
  if (opening && !field.value) {
    field.value = fileOf(opening);
    at("on-device").hidden = false;
    at("from-file").hidden = true;
  }
  at("open-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) field.value = await file.text();
  });
}

for (const note of document.querySelectorAll("[data-without-script]")) note.hidden = true;
for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
if (form.id === "scores") startWriting(); else startShowing();
