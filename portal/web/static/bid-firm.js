/* Step 2 of the bid page: which firm bids, and the key it signs with; a firm that has none yet enters its name here. */

import { at, complain, fields, fill, problems, say, show, terms } from "./bid-form.js";
import { clean, slug } from "./bid-papers.js";
import { list, send } from "./bid-send.js";
import { save } from "./files.js";
import { heldCard, holdCard } from "./firm-card.js";
import { cardSigner, newKeyFile, newPasskey, passkeySigner, passkeysServe, registration } from "./firm-keys.js";

/* `chosen` is the firm that signs: {firm, name, signer}; `made` a key that was made and is not registered yet. */
export const firm = { chosen: null, made: null };

async function choose(key, signer, words) {
  const mine = (await list("/api/firms")).find((row) => row.keys.includes(key));
  if (!mine) return false;
  firm.chosen = { ...mine, signer };
  const given = fields();
  fill({ founded: given.founded || mine.founded, staff: given.staff || String(mine.staff), place: given.place || mine.place });
  at("firm-name").textContent = say(words, { name: mine.name });
  return true;
}

/* A key out of its file. */
export async function useKey(key, keep) {
  if (!await choose(key.signer.id, key.signer, "firm_is")) {
    complain([{ id: "key", words: say("key_unregistered", { name: key.name }) }], say("refused"));
    return;
  }
  complain([]);
  keep();
}

/* Why a card cannot be used here. */
function noUse(card, signer) {
  if (signer) return "card_unregistered";
  return card.key.startsWith("passkey-") ? "no_passkeys" : "other_browser";
}

/* A card of a firm: kept on this device from now on. `asked` when the bidder opened it by itself. */
export async function takeCard(card, asked) {
  const signer = await cardSigner(card, terms);
  if (signer) holdCard(card);
  const known = signer && await choose(card.key, signer, signer.passkey ? "firm_passkey" : "firm_is");
  show("save-card", Boolean(known && signer.passkey));
  if (!known && asked) complain([{ id: "key", words: say(noUse(card, signer)) }], say("refused"));
}

/* What this device can do, and the firm that it bids for already. */
export async function startFirm() {
  show("register-passkey", passkeysServe(terms));
  const card = heldCard();
  if (card) await takeCard(card, false);
}

/* The name and facts of a firm that enters the record now; null when something is missing. */
async function newFirm() {
  const given = fields();
  const name = clean(given.firm_name);
  const rows = problems(true).filter(({ id }) => ["place", "founded", "staff"].includes(id));
  if (!slug(name)) rows.unshift({ id: "firm_name", words: say("need_firm_name") });
  if (rows.length) {
    complain(rows, say("incomplete"));
    return null;
  }
  const taken = new Set((await list("/api/firms")).map((row) => row.firm));
  let short = slug(name);
  for (let n = 2; taken.has(`firm:${short}`); n += 1) short = `${slug(name)}-${n}`;
  const profile = {
    name, place: given.place, place_name: at("place").selectedOptions[0].text, founded: given.founded,
    staff: Number(given.staff), skills: [], words: "", website: "", training_partner: false,
  };
  return { short, id: `firm:${short}`, profile };
}

async function enter({ id, profile }, signer, words, waiting, keep) {
  const told = await send("/api/firms", await registration(terms, id, profile, signer), waiting);
  firm.chosen = { firm: id, name: profile.name, signer };
  firm.made = null;
  at("firm-name").textContent = say(words, { name: profile.name, record: told.index });
  complain([]);
  keep();
}

export async function register(waiting, keep) {
  const found = await newFirm();
  if (!found) return;
  if (firm.made?.name !== found.short) firm.made = await newKeyFile(found.short);
  save(`${found.short}.daylight-key.txt`, firm.made.file);
  await enter(found, firm.made.signer, "firm_registered", waiting, keep);
}

export async function registerWithPasskey(waiting, keep) {
  const found = await newFirm();
  if (!found) return;
  if (firm.made?.card?.firm !== found.id) firm.made = { card: await newPasskey(found.id, found.profile.name, terms) };
  const { card } = firm.made;
  await enter(found, passkeySigner(card, terms), "firm_registered_passkey", waiting, keep);
  holdCard(card);
  show("save-card");
}
