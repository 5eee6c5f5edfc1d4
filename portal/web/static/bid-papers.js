/*
 * What a bidder writes, turned into the papers that are sealed, and the files a bidder keeps: drafts, receipts, firm keys.
 * Nothing here touches the page or the network. portal/procurement/papers.py and ledger/SPEC.md (seal-26, key-4) are the rules.
 */

import { readCard } from "./firm-card.js";
import { signFirmOffer } from "./firm-keys.js";
import { base64, bytes, canonical, hex, openMaster, random, seal, sealTo, sha256, signStatement, signingKey, unhex } from "./seal.js";

export const WORDS = 100;
const KEY_FILE = /^daylight-ed25519-secret-v1 ([!-~]{1,80}) ([A-Za-z0-9+/]{43}=)\n?$/;
const UNWANTED = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}\p{Noncharacter_Code_Point}]/gu;

export const countWords = (text) => text.trim().split(/\s+/).filter(Boolean).length;

/* The characters that a record can hold: line feeds and tabs made plain, invisible controls dropped. */
export const clean = (text) => text.normalize("NFC").replace(/\r\n?/g, "\n").replace(/\t/g, " ").replace(UNWANTED, "").trim();

export const slug = (name) => name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60);

/* An amount as typed ("1,250.50") in minor units; NaN when it cannot be read. */
export function minor(text, digits) {
  const plain = text.replace(/[\s,']/g, "");
  const found = new RegExp(`^([0-9]{1,12})(?:\\.([0-9]{1,${digits || 1}}))?$`).exec(plain);
  if (!found || (found[2] && !digits)) return NaN;
  return Number(found[1]) * 10 ** digits + Number((found[2] ?? "").padEnd(digits, "0") || 0);
}

/* An amount for reading: "20,000.00 USD". */
export const written = (amount, terms) =>
  `${(amount / 10 ** terms.digits).toLocaleString("en", { minimumFractionDigits: terms.digits, maximumFractionDigits: terms.digits })} ${terms.currency}`;

/* The prices of the parts as typed, where bidders name prices; and what they add up to, NaN while one cannot be read. */
export const partsOf = (fields, terms) =>
  (terms.price_mode === "priced" ? Array.from({ length: terms.milestones }, (_, part) => minor(fields[`part_${part}`] ?? "", terms.digits)) : []);
export const sumOf = (parts) => parts.reduce((sum, part) => sum + part, 0);

/* Whole months between two days "YYYY-MM-DD", as policies/eligibility.py counts them. */
export function monthsBetween(start, end) {
  const [[y1, m1, d1], [y2, m2, d2]] = [start.split("-").map(Number), end.split("-").map(Number)];
  return (y2 - y1) * 12 + m2 - m1 - (d2 < d1 ? 1 : 0);
}

/* Each condition of a reserved pilot on the day of its close: true, false, or null while it is not known. */
export function judge(rules, facts, closes) {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: rules.zone }).format(new Date(closes));
  const { place, months, founded, staff } = facts;
  const young = founded && founded <= today && monthsBetween(founded, today) < rules.founded_exempt_months;
  return {
    "eligibility-areas": place ? rules.areas.some(([code]) => code === place) : null,
    "eligibility-min-months": Number.isNaN(months) ? (young ? true : null) : months >= rules.min_months || Boolean(young),
    "eligibility-min-staff": Number.isNaN(staff) ? null : staff >= rules.min_staff,
    "eligibility-max-staff": Number.isNaN(staff) ? null : rules.max_staff === null || staff <= rules.max_staff,
  };
}

function proposalOf(fields, terms, master) {
  const answers = terms.requirements.map((requirement) => ({ requirement, words: clean(fields[`answer_${requirement}`]) }));
  return {
    answers, approach: clean(fields.approach), team: clean(fields.team),
    learner_places: Number(fields.learner_places || 0), lot: hex(master.lot),
  };
}

function offerOf(fields, terms, master, firm, proposalHash) {
  const declarations = {
    place: fields.place, months_present: Number(fields.months), staff: Number(fields.staff), founded: fields.founded,
    no_conflict: fields.no_conflict === true, learner_places: Number(fields.learner_places || 0),
    training_partner: clean(fields.training_partner ?? "") || null,
    skills: terms.skills.filter((_, at) => fields[`skill_${at}`]),
  };
  const parts = partsOf(fields, terms);
  return {
    ...(parts.length ? { milestone_prices: parts } : {}), firm: firm.firm, name: firm.name, currency: terms.currency, declarations, terms: terms.terms, addenda: terms.addenda,
    price_minor: parts.length ? sumOf(parts) : terms.budget_minor,
    bid: hex(master.key.public), proposal: proposalHash, decoy: false, contact: clean(fields.contact), salt: hex(random(32)),
  };
}

/* Seal both halves and sign the statement that names them; `replaces` is the statement it takes the place of, if any. */
export async function sealBid(fields, terms, secret, firm, replaces) {
  const master = await openMaster(secret);
  const pinned = (label) => ({ log: terms.log, terms: terms.terms, label, k: terms.k, ...terms[label] });
  const proposal = await seal(pinned("proposal"), master, bytes(canonical(proposalOf(fields, terms, master))));
  const signed = await signFirmOffer(offerOf(fields, terms, master, firm, proposal.hash), firm.signer);
  const offer = await seal(pinned("offer"), master, bytes(canonical(signed)));
  const body = { terms: terms.terms, proposal: proposal.hash, offer: offer.hash, lot: hex(master.lotCommitment) };
  const kind = replaces ? "bid-replaced" : "bid-sealed";
  const statement = await signStatement(terms.log, kind, terms.subject, replaces ? { ...body, replaces } : body, master.key);
  return {
    kind, statement: statement.hash, bid: hex(master.key.public),
    content_keys: { offer: offer.contentKey, proposal: proposal.contentKey },
    posted: JSON.stringify({ signed: statement.signed, proposal: base64(proposal.envelope), offer: base64(offer.envelope) }),
  };
}

/* A statement of one's own bid that has no envelopes: withdraw, confirm a change, or open the bid oneself. */
export async function aboutBid(kind, body, terms, secret) {
  const master = await openMaster(secret);
  const statement = await signStatement(terms.log, kind, terms.subject, body, master.key);
  return { kind, statement: statement.hash, posted: JSON.stringify({ signed: statement.signed }) };
}

export async function bidKey(secret) { return hex((await openMaster(secret)).key.public); }

/* The receipt file: the line that every tool reads, and the line with everything else. */
export function receiptFile(terms, receipt, card = null) {
  const first = { log: terms.log, master: receipt.master, terms: terms.terms, version: "daylight-bid-receipt-v1" };
  if (!receipt.content_keys) return `${canonical(first)}\n`;
  const second = {
    content_keys: receipt.content_keys, draft: JSON.stringify(card ? { ...receipt.fields, card } : receipt.fields), evidence: receipt.evidence,
    statement: receipt.statement, subject: terms.subject, version: "daylight-bid-papers-v1",
  };
  return `${canonical(first)}\n${canonical(second)}\n`;
}
export const draftFile = (terms, fields, card = null) =>
  `${JSON.stringify({ ...(card ? { card } : {}), fields, subject: terms.subject, version: "daylight-bid-draft-v1" }, null, 1)}\n`;

/* What somebody opened: {kind: "key" | "card" | "draft" | "receipt", …}; throws a reason when it is none, or for another pilot. */
export async function readFile(text, terms) {
  const key = KEY_FILE.exec(text);
  if (key) return { kind: "key", name: key[1], signer: await signingKey(Uint8Array.from(atob(key[2]), (c) => c.charCodeAt(0))) };
  let lines;
  try {
    lines = text.startsWith('{"log"') ? text.trimEnd().split("\n").map((line) => JSON.parse(line)) : [JSON.parse(text)];
  } catch {
    throw new Error("file-unknown");
  }
  const [first, second] = lines;
  if (first?.version === "daylight-bid-draft-v1") {
    if (first.subject !== terms.subject) throw new Error("file-other-pilot");
    return { kind: "draft", fields: first.fields, card: first.card ? checkedCard(first.card) : null };
  }
  if (first?.version === "daylight-firm-card-v1") return { kind: "card", card: readCard(text) };
  if (first?.version !== "daylight-bid-receipt-v1" || !/^[0-9a-f]{64}$/.test(first.master)) throw new Error("file-unknown");
  if (first.log !== terms.log || first.terms !== terms.terms) throw new Error("file-other-pilot");
  const { card, ...fields } = second ? JSON.parse(second.draft) : {};
  return {
    kind: "receipt", master: first.master, bid: await bidKey(unhex(first.master)), fields, card: card ? checkedCard(card) : null,
    evidence: second?.evidence ?? [], statement: second?.statement ?? "", content_keys: second?.content_keys ?? null,
  };
}

const checkedCard = (card) => readCard(JSON.stringify({ ...card, version: "daylight-firm-card-v1" }));

export const fingerprint = async (text) => hex(await sha256(bytes(text)));
export { hex, random, sealTo, unhex };
