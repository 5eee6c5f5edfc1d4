/*
 * The bid page: fills the form in and out, keeps the draft on this device, judges what can be judged here, seals and sends.
 * Everything typed stays here until it is sealed. seal.js is the part that seals; its fingerprint stands in the record.
 */

import * as papers from "./bid-papers.js";
import { Refused, list, proof, send } from "./bid-send.js";

const form = document.getElementById("bid");
const terms = JSON.parse(form.dataset.terms);
const says = JSON.parse(form.dataset.says);
const rules = JSON.parse(form.dataset.rules || "null");
const slot = `daylight:bid:${terms.terms}`;
const state = { firm: null, receipt: null, pending: null, standing: null, busy: false };

const at = (id) => document.getElementById(id);
const say = (key, figures = {}) => says[key].replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const show = (id, shown = true) => { at(id).hidden = !shown; };
const textAreas = () => form.querySelectorAll("textarea[data-words]");

/* ---- fields, and the draft that never leaves this device unless the bidder saves it as a file ---- */

function fields() {
  const found = {};
  for (const field of form.querySelectorAll("[name]")) found[field.name] = field.type === "checkbox" ? field.checked : field.value;
  return found;
}

function fill(values) {
  for (const field of form.querySelectorAll("[name]")) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.type === "checkbox") field.checked = value === true; else field.value = value;
  }
  refresh();
}

function keep() {
  const { receipt, pending } = state;
  try {
    localStorage.setItem(slot, JSON.stringify({ addenda: terms.addenda.length, fields: fields(), receipt, pending }));
    at("kept").textContent = say("kept", { time: clock() });
  } catch {
    at("kept").textContent = say("not_kept");
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(slot) ?? "null");
  } catch {
    return null;
  }
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/* ---- what can be judged while typing ---- */

function refresh() {
  for (const area of textAreas()) {
    const n = papers.countWords(area.value);
    const counter = at(`${area.id}-count`);
    counter.textContent = say(n > area.dataset.words ? "too_many" : "counted", { n, limit: area.dataset.words });
    counter.classList.toggle("over", n > area.dataset.words);
  }
  if (!rules) return;
  const { place, months, founded, staff } = fields();
  const number = (text) => (/^[0-9]+$/.test(text) ? Number(text) : NaN);
  const facts = { place, founded, months: number(months), staff: number(staff) };
  const judged = papers.judge(rules, facts, terms.closes);
  for (const [rule, met] of Object.entries(judged)) {
    const row = form.querySelector(`[data-rule="${rule}"]`);
    row.className = met === null ? "unknown" : met ? "met" : "unmet";
    row.querySelector(".mark").textContent = met === null ? say("unknown") : met ? say("met") : say("unmet");
    const fix = rule === "eligibility-min-months" ? say("fix_months", { n: rules.min_months - (facts.months || 0) }) : rules.fixes[rule];
    row.querySelector(".fix").textContent = met === false ? fix : "";
  }
  const all = Object.values(judged);
  at("allowed").textContent = all.includes(false) ? say("not_allowed") : all.includes(null) ? say("allowed_unknown") : say("allowed");
}

function problems() {
  const found = [];
  const add = (id, key, figures) => found.push({ id, words: say(key, figures) });
  const given = fields();
  if (!given.place) add("place", "need_place");
  if (!/^[0-9]{1,4}$/.test(given.months) || Number(given.months) > 2400) add("months", "need_months");
  if (!/^\d{4}-\d{2}-\d{2}$/.test(given.founded)) add("founded", "need_founded");
  if (!/^[1-9][0-9]{0,5}$/.test(given.staff)) add("staff", "need_staff");
  if (!state.firm) add("key", "need_firm");
  for (const area of textAreas()) {
    const n = papers.countWords(area.value);
    const name = area.dataset.title;
    if (!n) add(area.id, "need_words", { title: name });
    else if (n > area.dataset.words) add(area.id, "need_fewer", { title: name, n, limit: area.dataset.words });
  }
  if (!/^[0-9]{0,2}$/.test(given.learner_places) || Number(given.learner_places) > 50) add("learner_places", "need_learners");
  if (terms.price_mode === "priced") {
    const price = papers.minor(given.price, terms.digits);
    if (Number.isNaN(price)) add("price", "need_price");
    else if (price > terms.budget_minor) add("price", "price_above");
  }
  if (!papers.clean(given.contact)) add("contact", "need_contact");
  if (form.querySelector("[data-rule].unmet")) add("place", "need_eligible");
  if (given.no_conflict !== true) add("no_conflict", "need_conflict");
  return found;
}

function complain(rows, heading) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const line of form.querySelectorAll(".error")) line.textContent = "";
  const summary = at("summary");
  summary.hidden = rows.length === 0;
  if (!rows.length) return;
  at("summary-head").textContent = heading;
  at("summary-list").replaceChildren(...rows.map(({ id, words }) => {
    const item = document.createElement("li");
    const field = id && at(id);
    if (field) {
      field.setAttribute("aria-invalid", "true");
      const line = at(`${id}-error`);
      if (line) line.textContent = words;
      const link = document.createElement("a");
      link.href = `#${id}`;
      link.textContent = words;
      link.addEventListener("click", (event) => { event.preventDefault(); field.focus(); });
      item.append(link);
    } else {
      item.textContent = words;
    }
    return item;
  }));
  summary.focus();
}

function refused(error) {
  if (error instanceof Refused && error.message) complain([{ words: error.message }, ...(error.fix ? [{ words: error.fix }] : [])], say("refused"));
  else if (error.message === "text-too-long") complain([{ words: say("too_long") }], say("refused"));
  else complain([{ words: say("unreachable") }], say("not_sent"));
}

/* ---- the firm ---- */

async function findFirm(signer) {
  const firms = await list("/api/firms");
  return { firms, mine: firms.find((row) => row.key === signer.id) };
}

async function useKey(key) {
  const { mine } = await findFirm(key.signer);
  if (!mine) {
    complain([{ id: "key", words: say("key_unregistered", { name: key.name }) }], say("refused"));
    return;
  }
  state.firm = { ...mine, signer: key.signer };
  const given = fields();
  fill({ founded: given.founded || mine.founded, staff: given.staff || String(mine.staff), place: given.place || mine.place });
  at("firm-name").textContent = say("firm_is", { name: mine.name });
  complain([]);
  keep();
}

async function register() {
  const given = fields();
  const name = papers.clean(given.firm_name);
  const rows = problems().filter(({ id }) => ["place", "founded", "staff"].includes(id));
  if (!papers.slug(name)) rows.unshift({ id: "firm_name", words: say("need_firm_name") });
  if (rows.length) return complain(rows, say("incomplete"));
  const taken = new Set((await list("/api/firms")).map((row) => row.firm));
  let short = papers.slug(name);
  for (let n = 2; taken.has(`firm:${short}`); n += 1) short = `${papers.slug(name)}-${n}`;
  const key = state.made?.name === short ? state.made : await papers.newFirmKey(short);
  state.made = key;
  save(`${short}.daylight-key.txt`, key.file);
  const profile = {
    name, place: given.place, place_name: at("place").selectedOptions[0].text, founded: given.founded,
    staff: Number(given.staff), skills: [], words: "", website: "", training_partner: false,
  };
  const made = await papers.registration(terms, { firm: `firm:${short}`, signer: key.signer }, profile);
  const told = await send("/api/firms", made.posted);
  state.firm = { firm: `firm:${short}`, name, signer: key.signer };
  at("firm-name").textContent = say("firm_registered", { name, record: told.index });
  complain([]);
  return keep();
}

/* ---- the bid: sealed, sent, kept as a receipt file ---- */

async function deliver(what) {
  state.pending = what;
  keep();
  at("working").textContent = say("sending");
  const told = await send("/api/bids", what.posted).catch((error) => {
    if (error instanceof Refused && error.final) state.pending = null;
    throw error;
  });
  const before = state.receipt?.bid === what.bid ? state.receipt.evidence : [];
  state.receipt = {
    ...what.receipt, bid: what.bid, statement: what.kind === "bid-confirmed" ? what.receipt.statement : told.statement_hash,
    content_keys: what.content_keys ?? what.receipt.content_keys, evidence: [...before, told.receipt], index: told.index,
  };
  state.pending = null;
  keep();
  at("working").textContent = say("proving");
  const proved = await proof(told.index).catch(() => "");
  if (proved) state.receipt.evidence.push(proved);
  keep();
  return told;
}

function saveReceipt() {
  save(`bid-${terms.subject.split(":")[1]}.receipt.txt`, papers.receiptFile(terms, state.receipt));
}

function done(key, told) {
  at("working").textContent = "";
  at("done-words").textContent = say(key, { record: told.index, time: new Date(told.at).toLocaleString([], { dateStyle: "long", timeStyle: "short" }) });
  at("done-record").href = told.record;
  at("done-pdf").href = `/opportunities/${terms.subject.split(":")[1]}/receipt.pdf?entry=${told.index}`;
  show("done");
  show("write", false);
  saveReceipt();
  at("done-head").focus();
}

async function submit() {
  const rows = problems();
  complain(rows, say("incomplete"));
  if (rows.length) return;
  at("working").textContent = say("sealing");
  const given = fields();
  const replacing = state.standing?.status === "standing" ? state.standing.statement : "";
  const secret = state.receipt && replacing ? papers.unhex(state.receipt.master) : papers.random(32);
  const sealed = await papers.sealBid(given, terms, secret, state.firm, replacing);
  const receipt = { master: papers.hex(secret), fields: given };
  done(replacing ? "replaced" : "sealed", await deliver({ ...sealed, receipt }));
}

async function again() {
  const { kind } = state.pending;
  done({ "bid-replaced": "replaced", "bid-withdrawn": "withdrawn", "bid-confirmed": "confirmed" }[kind] ?? "sealed", await deliver(state.pending));
}

/* ---- a bid that stands already: replace, confirm, withdraw with its receipt ---- */

async function manage() {
  const { receipt } = state;
  const rows = await list(`/opportunities/${terms.subject.split(":")[1]}/bids.json`);
  state.standing = rows.find((row) => row.bid === receipt.bid) ?? null;
  const found = state.standing;
  const key = !found ? "yours_missing" : found.status === "withdrawn" ? "yours_withdrawn" : found.addenda.length ? "yours_waiting" : "yours_stands";
  at("yours-words").textContent = say(key, { record: found?.index, n: found?.addenda.length });
  show("yours");
  const open = form.dataset.state === "open";
  show("replace", open && found?.status === "standing");
  show("withdraw", open && found?.status === "standing");
  show("confirm", open && found?.status === "standing" && found.addenda.length > 0);
  show("self", Boolean(form.dataset.fallback && receipt.content_keys && found?.status === "standing"));
  show("write", open && (!found || found.status === "withdrawn"));
  if (found) at("yours-record").href = `/ledger/entries/${found.index}`;
  at("yours-head").focus();
}

async function withdraw() {
  const { receipt, standing } = state;
  const made = await papers.aboutBid("bid-withdrawn", { bid: standing.statement, terms: terms.terms }, terms, papers.unhex(receipt.master));
  done("withdrawn", await deliver({ ...made, bid: receipt.bid, receipt }));
  show("yours", false);
}

async function confirm() {
  const { receipt, standing } = state;
  let told = null;
  for (const addendum of standing.addenda) {
    const made = await papers.aboutBid("bid-confirmed", { addendum, bid: standing.statement, terms: terms.terms }, terms, papers.unhex(receipt.master));
    told = await deliver({ ...made, bid: receipt.bid, receipt });
  }
  show("yours", false);
  done("confirmed", told);
}

async function openMyself() {
  const { receipt } = state;
  const label = form.dataset.fallback;
  const body = { label, key: receipt.content_keys[label] };
  const made = await papers.aboutBid("content-key-published", body, terms, papers.unhex(receipt.master));
  const told = await send("/api/bids", made.posted);
  show("self", false);
  at("yours-words").textContent = say("opened_self", { record: told.index });
}

async function open(file) {
  const found = await papers.readFile(await file.text(), terms).catch((error) => {
    complain([{ words: say(error.message === "file-other-pilot" ? "file_other" : "file_unknown", { name: file.name }) }], say("refused"));
    return null;
  });
  if (!found) return;
  complain([]);
  if (found.kind === "key") await useKey(found);
  if (found.kind === "draft") { fill(found.fields); keep(); at("kept").textContent = say("draft_opened", { name: file.name }); }
  if (found.kind === "receipt") {
    const { kind, ...receipt } = found;
    state.receipt = receipt;
    if (Object.keys(found.fields).length) fill(found.fields);
    keep();
    await manage();
  }
}

/* ---- wiring ---- */

async function guarded(work) {
  if (state.busy) return;
  state.busy = true;
  form.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    refused(error);
  }
  at("working").textContent = "";
  show("again", Boolean(state.pending));
  form.removeAttribute("aria-busy");
  state.busy = false;
}

function wire() {
  form.addEventListener("submit", (event) => { event.preventDefault(); guarded(submit); });
  let timer = 0;
  form.addEventListener("input", () => { refresh(); clearTimeout(timer); timer = setTimeout(keep, 400); });
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => { const [file] = input.files; if (file) guarded(() => open(file)).then(() => { input.value = ""; }); });
  }
  const buttons = {
    "save-draft": () => save(`bid-${terms.subject.split(":")[1]}.draft.txt`, papers.draftFile(terms, fields())),
    "save-receipt": saveReceipt, "save-receipt-too": saveReceipt, register, again, confirm, withdraw: () => { show("sure"); at("sure-yes").focus(); },
    "sure-yes": withdraw, "sure-no": () => { show("sure", false); at("withdraw").focus(); },
    self: openMyself,
    replace: () => { show("write"); at("write-head").focus(); },
    forget: () => { show("forgetting"); at("forget-yes").focus(); },
    "forget-no": () => { show("forgetting", false); at("forget").focus(); },
    "forget-yes": () => { localStorage.removeItem(slot); form.reset(); Object.assign(state, { receipt: null, pending: null, standing: null }); location.reload(); },
  };
  for (const [id, work] of Object.entries(buttons)) at(id).addEventListener("click", () => guarded(async () => work()));
}

async function start() {
  const held = recall();
  if (held) {
    Object.assign(state, { receipt: held.receipt, pending: held.pending });
    fill(held.fields);
    at("kept").textContent = say("recalled");
    show("changed", held.addenda < terms.addenda.length);
  }
  refresh();
  wire();
  show("elsewhere", false);
  form.hidden = false;
  show("again", Boolean(state.pending));
  if (state.receipt) await guarded(manage);
}

/* The feature test: what sealing needs, tried before the first word is written. */
async function able() {
  if (location.origin !== terms.address) return false;
  try {
    const point = papers.random(32);
    point[31] &= 127;
    await papers.bidKey(papers.random(32));
    await papers.sealTo(point, papers.random(32), point, point);
    return typeof AbortSignal.timeout === "function" && typeof Blob.prototype.text === "function";
  } catch {
    return false;
  }
}

if (await able()) await start();
else document.getElementById("elsewhere").dataset.why = "unable";
