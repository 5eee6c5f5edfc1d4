/*
 * Daylight's sealing module: everything that turns a bid into bytes nobody can read before the opening.
 *
 * It runs on the bidder's device, uses WebCrypto alone and sends nothing. Its SHA-256 stands in the public record
 * (record no. 0, and in every notice), so that anyone can fetch it from outside and compare. The rules it follows are
 * ledger/SPEC.md, "Sealed bids"; seal-N below are their numbers. The same text under the same master gives the same bytes
 * here and in `python -m ledger seal`.
 */

const { subtle } = crypto;
const PROTOCOL = bytes("daylight-seal-v1");
const HPKE = bytes("HPKE-v1");
const KEM = join(bytes("KEM"), [0, 0x20]);
const SUITE = join(bytes("HPKE"), [0, 0x20, 0, 1, 0, 2]);
const BASE_POINT = join([9], new Uint8Array(31));
const PKCS8 = { X25519: unhex("302e020100300506032b656e04220420"), Ed25519: unhex("302e020100300506032b657004220420") };

export function bytes(text) { return new TextEncoder().encode(text); }
export function hex(data) { return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join(""); }
export function unhex(text) { return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16)); }
export function join(...parts) { return Uint8Array.from(parts.flatMap((part) => Array.from(part))); }
export function random(length) { return crypto.getRandomValues(new Uint8Array(length)); }
export async function sha256(data) { return new Uint8Array(await subtle.digest("SHA-256", data)); }

/* Canonical JSON (SPEC.md, section 1): one spelling for whatever is signed, hashed or sealed. */

const FORBIDDEN = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}\p{Noncharacter_Code_Point}]/u;

export function canonical(value, depth = 8) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new Error("json-number");
    return String(value);
  }
  if (typeof value === "string") {
    if (FORBIDDEN.test(value)) throw new Error("json-character");
    if (value.normalize("NFC") !== value) throw new Error("json-normal-form");
    return JSON.stringify(value);
  }
  if (depth < 1) throw new Error("json-depth");
  if (Array.isArray(value)) return `[${value.map((inner) => canonical(inner, depth - 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  if (!keys.every((key) => /^[a-z][a-z0-9_]*$/.test(key))) throw new Error("json-key");
  return `{${keys.map((key) => `"${key}":${canonical(value[key], depth - 1)}`).join(",")}}`;
}

/* HKDF (RFC 5869) in its two halves. WebCrypto refuses an empty HMAC key; 32 zero bytes are the same key. */

async function hmac(key, data) {
  const raw = key.length ? key : new Uint8Array(32);
  const imported = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}
const extract = hmac;
async function expand(key, info, length = 32) {
  let [block, out] = [new Uint8Array(0), new Uint8Array(0)];
  for (let round = 1; out.length < length; round += 1) {
    block = await hmac(key, join(block, info, [round]));
    out = join(out, block);
  }
  return out.slice(0, length);
}

/* The bidder's master (seal-5): the bid's signing key, the seed of each label, the lot value. */

export async function openMaster(secret) {
  if (secret.length !== 32) throw new Error("master-length");
  const prk = await extract(PROTOCOL, secret);
  const lot = await expand(prk, bytes("lot"));
  return {
    secret,
    key: await signingKey(await expand(prk, bytes("bid"))),
    proposal: await expand(prk, bytes("proposal")),
    offer: await expand(prk, bytes("offer")),
    lot,
    lotCommitment: await sha256(lot),
  };
}

/* Ed25519 from its 32-byte seed; `public` is the key's 32 bytes, `id` its name in statements. */

export async function signingKey(seed) {
  const key = await subtle.importKey("pkcs8", join(PKCS8.Ed25519, seed), "Ed25519", true, ["sign"]);
  const { x } = await subtle.exportKey("jwk", key);
  const raw = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return { seed, public: raw, id: `ed25519:${hex(raw)}`, sign: async (data) => base64(new Uint8Array(await subtle.sign("Ed25519", key, data))) };
}
export function base64(data) {
  let text = "";
  for (let at = 0; at < data.length; at += 4096) text += String.fromCharCode(...data.subarray(at, at + 4096));
  return btoa(text);
}

/* A statement of the log, signed by its author alone (SPEC.md, section 3); an offer, signed by the firm. */

export async function signStatement(log, kind, subject, body, key, nonce = hex(random(16))) {
  const statement = { author: key.id, body, commitments: [], kind, log, nonce, subject };
  const written = bytes(canonical(statement));
  const signature = await key.sign(join(bytes("daylight-act-v1\0"), written));
  return { hash: hex(await sha256(written)), signed: { signatures: [{ key: key.id, signature }], statement } };
}
export async function signOffer(offer, key) {
  const named = { ...offer, key: key.id };
  return { ...named, signature: await key.sign(join(bytes("daylight-offer-v1\0"), bytes(canonical(named)))) };
}

/* Shamir's shares over GF(2^8), one for each keeper 1 to n (seal-9). */

function times(left, right) {
  let product = 0;
  for (; right; right >>= 1, left = left & 0x80 ? (left << 1) ^ 0x11b : left << 1) if (right & 1) product ^= left;
  return product;
}
export function split(secret, n, polynomial) {
  const shares = [];
  for (let i = 1; i <= n; i += 1) {
    let value = new Uint8Array(secret.length);
    for (let at = polynomial.length - secret.length; at >= 0; at -= secret.length) {
      value = value.map((byte, b) => times(byte ^ polynomial[at + b], i));
    }
    shares.push(value.map((byte, b) => byte ^ secret[b]));
  }
  return shares;
}

/* HPKE's sender (RFC 9180, base mode) with a given ephemeral key (seal-11). */

const labelledExtract = (suite, salt, label, data) => extract(salt, join(HPKE, suite, bytes(label), data));
const labelledExpand = (suite, key, label, info, length) =>
  expand(key, join([length >> 8, length & 255], HPKE, suite, bytes(label), info), length);

async function agree(secret, point) {
  const key = await subtle.importKey("pkcs8", join(PKCS8.X25519, secret), "X25519", false, ["deriveBits"]);
  const other = await subtle.importKey("raw", point, "X25519", true, []);
  return new Uint8Array(await subtle.deriveBits({ name: "X25519", public: other }, key, 256));
}
async function encrypt(key, iv, data, additionalData) {
  const imported = await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, imported, data));
}
export async function sealTo(keeper, ephemeral, info, data) {
  const none = new Uint8Array(0);
  const enc = await agree(ephemeral, BASE_POINT);
  const extracted = await labelledExtract(KEM, none, "eae_prk", await agree(ephemeral, keeper));
  const shared = await labelledExpand(KEM, extracted, "shared_secret", join(enc, keeper), 32);
  const hashes = [await labelledExtract(SUITE, none, "psk_id_hash", none), await labelledExtract(SUITE, none, "info_hash", info)];
  const context = join([0], ...hashes);
  const secret = await labelledExtract(SUITE, shared, "secret", none);
  const key = await labelledExpand(SUITE, secret, "key", context, 32);
  const nonce = await labelledExpand(SUITE, secret, "base_nonce", context, 12);
  return join(enc, await encrypt(key, nonce, data, none));
}

/* The envelope (seal-7, 8, 10 to 13). `pinned`: {log, terms, label, size, k, keepers}, all keys in hex. */

export async function seal(pinned, master, text) {
  const { log, terms, label, size, k, keepers } = pinned;
  if (text.length > size - 36) throw new Error("text-too-long");
  const ctx = await sha256(bytes(canonical({ bid: hex(master.key.public), label, log, terms })));
  const prk = await extract(ctx, join(PROTOCOL, master[label], await sha256(text)));
  const key = await expand(prk, bytes("key"));
  const shares = split(key, keepers.length, k > 1 ? await expand(prk, bytes("poly"), 32 * (k - 1)) : []);
  const commitment = await expand(await extract(ctx, key), bytes("commit"));
  const sealed = [];
  for (const [at, keeper] of keepers.entries()) {
    const info = join(PROTOCOL, bytes(" share"), ctx, [at + 1], commitment);
    sealed.push(await sealTo(unhex(keeper), await expand(prk, join(bytes("eph"), [at + 1])), info, shares[at]));
  }
  const body = new Uint8Array(size);
  body.set(join(master[label], [24, 16, 8, 0].map((bits) => (text.length >> bits) & 255), text));
  const ciphertext = await encrypt(key, new Uint8Array(12), body, join(ctx, commitment));
  const envelope = join(PROTOCOL, ctx, commitment, [k, keepers.length], ...sealed, ciphertext);
  return { envelope, hash: hex(await sha256(envelope)), contentKey: hex(key) };
}
