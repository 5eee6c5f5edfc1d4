/*
 * The bid page: keeps the draft on this device, seals, sends, and shows how a bid stands.
 * Everything typed stays here until it is sealed. seal.js is the part that seals; its fingerprint stands in the record.
 */

import { at, complain, fields, fill, form, pilot, problems, refresh, say, show, terms } from "./bid-form.js";
import { firm, register, registerWithPasskey, startFirm, takeCard, useKey } from "./bid-firm.js";
import * as papers from "./bid-papers.js";
import { Refused, list, proof, send } from "./bid-send.js";
import { canShare, save, share } from "./files.js";
import { cardFile, heldCard } from "./firm-card.js";

const slot = `daylight:bid:${terms.terms}`;
const state = { receipt: null, pending: null, standing: null, busy: false };
const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/* ---- the draft, which never leaves this device unless the bidder takes it elsewhere as a file ---- */

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

const receiptFile = () => [`bid-${pilot}.receipt.txt`, papers.receiptFile(terms, state.receipt, heldCard())];

/* What another device needs to go on: the receipt once there is one (the draft is inside), else the draft. */
const toTake = () => (state.receipt ? receiptFile() : [`bid-${pilot}.draft.txt`, papers.draftFile(terms, fields(), heldCard())]);

function refused(error) {
  if (error instanceof Refused && error.message) complain([{ words: error.message }, ...(error.fix ? [{ words: error.fix }] : [])], say("refused"));
  else if (error.name === "NotAllowedError" || error.name === "AbortError") complain([{ id: "key", words: say("passkey_cancelled") }], say("refused"));
  else if (error.name === "SecurityError" || error.name === "InvalidStateError") complain([{ id: "key", words: say("passkey_failed") }], say("refused"));
  else if (error.message === "text-too-long") complain([{ words: say("too_long") }], say("refused"));
  else complain([{ words: say("unreachable") }], say("not_sent"));
}

/* ---- the bid: sealed, sent, kept as a receipt file ---- */

const waiting = (seconds) => { at("working").textContent = say("trying_again", { n: seconds }); };

async function deliver(what) {
  state.pending = what;
  keep();
  at("working").textContent = say("sending");
  const told = await send("/api/bids", what.posted, waiting).catch((error) => {
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

const saveReceipt = () => save(...receiptFile());

function done(key, told) {
  at("working").textContent = "";
  at("done-head").textContent = say(`head_${key}`);
  show("done-keep", key !== "withdrawn");
  show("done-next", key !== "withdrawn");
  at("done-words").textContent = say(key, { record: told.index, time: new Date(told.at).toLocaleString([], { dateStyle: "long", timeStyle: "short" }) });
  at("done-record").href = told.record;
  at("done-pdf").href = `/opportunities/${pilot}/receipt.pdf?entry=${told.index}`;
  show("done");
  show("write", false);
  saveReceipt();
  at("done-head").focus();
}

async function submit() {
  const rows = problems(firm.chosen);
  complain(rows, say("incomplete"));
  if (rows.length) return;
  at("working").textContent = say("sealing");
  const given = fields();
  const replacing = state.standing?.status === "standing" ? state.standing.statement : "";
  const secret = state.receipt && replacing ? papers.unhex(state.receipt.master) : papers.random(32);
  const sealed = await papers.sealBid(given, terms, secret, firm.chosen, replacing);
  const receipt = { master: papers.hex(secret), fields: given };
  done(replacing ? "replaced" : "sealed", await deliver({ ...sealed, receipt }));
}

async function again() {
  const { kind } = state.pending;
  done({ "bid-replaced": "replaced", "bid-withdrawn": "withdrawn", "bid-confirmed": "confirmed" }[kind] ?? "sealed", await deliver(state.pending));
}

/* ---- a bid that stands already: replace, confirm, withdraw with its receipt ---- */

function standingWords(found) {
  if (!found) return "yours_missing";
  if (found.status === "withdrawn") return "yours_withdrawn";
  if (found.status === "lapsed") return "yours_lapsed";
  if (found.judged) return "yours_judged";
  return found.addenda.length ? "yours_waiting" : "yours_stands";
}

async function manage() {
  const { receipt } = state;
  const rows = await list(`/opportunities/${pilot}/bids.json`);
  const found = rows.find((row) => row.bid === receipt.bid) ?? null;
  state.standing = found;
  at("yours-words").textContent = say(standingWords(found), { record: found?.index, n: found?.addenda.length });
  show("yours");
  const open = form.dataset.state === "open";
  const standing = found?.status === "standing";
  show("replace", open && standing);
  show("withdraw", open && standing);
  show("confirm", open && standing && found.addenda.length > 0);
  show("self", Boolean(form.dataset.fallback && receipt.content_keys && standing));
  show("write", open && (!found || found.status === "withdrawn"));
  show("yours-judged", Boolean(found?.judged));
  if (found?.judged) at("yours-judged").querySelector("a").href = `/opportunities/${pilot}/bids/${found.bid}`;
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
  const told = await send("/api/bids", made.posted, waiting);
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
  if (found.kind === "key") await useKey(found, keep);
  if (found.card) await takeCard(found.card, found.kind === "card");
  if (found.kind === "draft") { fill(found.fields); keep(); at("kept").textContent = say("draft_opened", { name: file.name }); }
  if (found.kind === "receipt") {
    const { kind, card, ...receipt } = found;
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

function forget() {
  localStorage.removeItem(slot);
  form.reset();
  Object.assign(state, { receipt: null, pending: null, standing: null });
  location.reload();
}

function wire() {
  form.addEventListener("submit", (event) => { event.preventDefault(); guarded(submit); });
  let timer = 0;
  form.addEventListener("input", () => { refresh(); clearTimeout(timer); timer = setTimeout(keep, 400); });
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => { const [file] = input.files; if (file) guarded(() => open(file)).then(() => { input.value = ""; }); });
  }
  const buttons = {
    "save-draft": () => save(...toTake()), "share-draft": () => share(...toTake()),
    "save-receipt": saveReceipt, "save-receipt-too": saveReceipt, again, confirm,
    register: () => register(waiting, keep), "register-passkey": () => registerWithPasskey(waiting, keep),
    "save-card": () => save(`${heldCard().firm.split(":")[1]}.daylight-firm.txt`, cardFile(heldCard())), withdraw: () => { show("sure"); at("sure-yes").focus(); },
    "sure-yes": withdraw, "sure-no": () => { show("sure", false); at("withdraw").focus(); },
    self: openMyself,
    replace: () => { show("write"); at("write-head").focus(); },
    forget: () => { show("forgetting"); at("forget-yes").focus(); },
    "forget-no": () => { show("forgetting", false); at("forget").focus(); },
    "forget-yes": forget,
  };
  for (const [id, work] of Object.entries(buttons)) at(id).addEventListener("click", () => guarded(async () => work()));
  window.addEventListener("online", () => { if (state.pending) guarded(again); });
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
  show("share-draft", canShare());
  form.hidden = false;
  show("again", Boolean(state.pending));
  if (form.dataset.state === "open") await guarded(startFirm);
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
