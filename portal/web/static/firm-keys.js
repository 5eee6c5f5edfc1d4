/*
 * The key by which a firm signs its offers: a passkey that this device asks for, a key that this browser keeps, or one out of a
 * file. portal/procurement/papers.py and ledger/SPEC.md (section 3) are the rules.
 */

import { holds, signWith } from "./device-key.js";
import { base64, bytes, canonical, hex, join, random, sha256, signOffer, signStatement, signingKey } from "./seal.js";

const PATIENCE_MS = 120_000;
const ACT = bytes("daylight-act-v1\0");
const OFFER = bytes("daylight-offer-v1\0");
const ALGORITHMS = [-8, -7, -257];

const fromBase64url = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const base64url = (data) => base64(new Uint8Array(data)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/* Whether passkeys can sign here: the record states the site's own address, and the browser has them. */
export const passkeysServe = (terms) =>
  Boolean(terms.rp_id) && typeof PublicKeyCredential === "function" && typeof AuthenticatorAttestationResponse.prototype.getPublicKey === "function";

/* ---- passkeys ---- */

/* A passkey's name in the record, out of its public key as browsers give it (SubjectPublicKeyInfo). */
async function keyName(spki, algorithm) {
  const data = new Uint8Array(spki);
  if (algorithm === -8) return `passkey-ed25519:${hex(data.slice(-32))}`;
  if (algorithm === -7) {
    const point = data.slice(-64);
    return `passkey-es256:${hex(join([2 + (point[63] & 1)], point.slice(0, 32)))}`;
  }
  const imported = await crypto.subtle.importKey("spki", data, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["verify"]);
  return `passkey-rs256:${hex(fromBase64url((await crypto.subtle.exportKey("jwk", imported)).n))}`;
}

/* A signer of the firm behind a card. The device asks its owner each time. */
export function passkeySigner({ key, credential }, terms) {
  return {
    id: key,
    passkey: true,
    async answer(message) {
      const found = await navigator.credentials.get({ publicKey: {
        challenge: await sha256(join(ACT, message)), rpId: terms.rp_id, timeout: PATIENCE_MS, userVerification: "required",
        allowCredentials: [{ type: "public-key", id: fromBase64url(credential) }],
      } });
      const { authenticatorData, clientDataJSON, signature } = found.response;
      const assertion = { authenticator_data: base64(new Uint8Array(authenticatorData)), client_data: base64(new Uint8Array(clientDataJSON)) };
      return { assertion, signature: base64(new Uint8Array(signature)) };
    },
  };
}

/* A signer of offers behind a card whose key lies in this browser alone; such a key signs the marked text itself. */
const browserSigner = ({ key }) => ({
  id: key,
  async answer(message) {
    return { signature: base64(await signWith(key, message)) };
  },
});

/* The signer behind a card, or null where this device cannot sign with its key. */
export async function cardSigner(card, terms) {
  if (!card.key.startsWith("passkey-")) return await holds(card.key).catch(() => false) ? browserSigner(card) : null;
  return passkeysServe(terms) ? passkeySigner(card, terms) : null;
}

/* A new passkey for a firm: not the one it signs in with, and never offered for that. */
export async function newPasskey(firm, name, terms) {
  const made = await navigator.credentials.create({ publicKey: {
    rp: { id: terms.rp_id, name: terms.operator }, user: { id: random(32), name: `${name}: bids`, displayName: `${name}: bids` },
    challenge: random(32), timeout: PATIENCE_MS, attestation: "none",
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
  } });
  const key = await keyName(made.response.getPublicKey(), made.response.getPublicKeyAlgorithm());
  return { firm, key, credential: base64url(made.rawId) };
}

/* ---- key files ---- */

export async function newKeyFile(name) {
  const signer = await signingKey(random(32));
  return { name, signer, file: `daylight-ed25519-secret-v1 ${name} ${base64(signer.seed)}\n` };
}

/* ---- what a firm signs: its offer, and the entry of its name ---- */

export async function signFirmOffer(offer, signer) {
  if (!signer.answer) return signOffer(offer, signer);
  const named = { ...offer, key: signer.id };
  return { ...named, ...await signer.answer(join(OFFER, bytes(canonical(named)))) };
}

export async function registration(terms, firm, profile, signer) {
  if (!signer.answer) {
    const statement = await signStatement(terms.log, "firm-registered", firm, profile, signer);
    return JSON.stringify({ signed: statement.signed });
  }
  const statement = { author: signer.id, body: profile, commitments: [], kind: "firm-registered", log: terms.log, nonce: hex(random(16)), subject: firm };
  const answer = await signer.answer(bytes(canonical(statement)));
  return JSON.stringify({ signed: { signatures: [{ key: signer.id, ...answer }], statement } });
}
