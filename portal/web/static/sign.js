/* Signs one draft with the reader's own device. It fetches the text, computes the fingerprint itself, compares it with the one
   the page shows, and asks the device for exactly that; the server is told nothing it could not check. */

import { signWith } from "./device-key.js";
import { holdCard } from "./firm-card.js";
import { base64url, fromBase64url, post, wire } from "./passkey.js";

const MARK = new TextEncoder().encode("daylight-act-v1\0");
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = (bytes) => crypto.subtle.digest("SHA-256", bytes);

class Changed extends Error {
  name = "Changed";
}

/* "daylight-act-v1" 0x00 text: what every signature of the record is over; a passkey is given its SHA-256. */
function messageOf(text) {
  const bytes = new Uint8Array(MARK.length + text.length);
  bytes.set(MARK);
  bytes.set(text, MARK.length);
  return bytes;
}

async function textOf(form) {
  const answer = await fetch(form.dataset.statement, { cache: "no-store", headers: { accept: "application/json" } });
  if (!answer.ok) throw new TypeError("no answer");
  const text = new Uint8Array(await answer.arrayBuffer());
  const shown = document.querySelector("details.proof pre.json").textContent;
  if (hex(await digest(text)) !== form.dataset.fingerprint || new TextDecoder().decode(text) !== shown) throw new Changed();
  return text;
}

async function sign(form, fields) {
  const challenge = await digest(messageOf(await textOf(form)));
  const found = await navigator.credentials.get({ publicKey: {
    challenge, timeout: 120_000, userVerification: "required",
    allowCredentials: [{ type: "public-key", id: fromBase64url(form.dataset.credential) }],
  } });
  fields.append("key", form.dataset.key);
  fields.append("authenticator_data", base64url(found.response.authenticatorData));
  fields.append("client_data", base64url(found.response.clientDataJSON));
  fields.append("signature", base64url(found.response.signature));
  return posted(form, fields);
}

/* What signed for a firm just now signs its offers too: the bid page on this device finds the card. */
async function posted(form, fields) {
  const told = await post(form.action, fields);
  const { firm, key, credential } = form.dataset;
  if (firm) holdCard({ firm, key, credential: key.startsWith("passkey-") ? credential : "" });
  return told;
}

async function signHere(form, fields) {
  const message = messageOf(await textOf(form));
  fields.append("key", form.dataset.key);
  fields.append("signature", base64url(await signWith(form.dataset.key, message)));
  return posted(form, fields);
}

for (const form of document.querySelectorAll('form[data-ceremony="sign"]')) wire(form, sign);
for (const form of document.querySelectorAll('form[data-ceremony="sign-here"]')) wire(form, signHere, true);
