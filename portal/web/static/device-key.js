/* The key of whoever has no passkey: ECDSA over P-256, made here, kept in this browser's database, never handed out. */

const STORE = "keys";

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("daylight-device-key", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function within(mode, work) {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(STORE, mode);
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    opened.close();
  }
}

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/* The key's id as the record writes it: the compressed point. */
async function idOf(publicKey) {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  return `es256:${point[64] & 1 ? "03" : "02"}${hex(point.slice(1, 33))}`;
}

/* Make a key and keep it; its id. The private half cannot be exported. */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const id = await idOf(pair.publicKey);
  await within("readwrite", (store) => store.put(pair.privateKey, id));
  return id;
}

export class Absent extends Error {
  name = "Absent";
}

/* Whether this browser keeps a key. */
export const holds = async (id) => Boolean(await within("readonly", (store) => store.get(id)));

/* Sign with a key of this browser; the 64 bytes r and s. */
export async function signWith(id, message) {
  const key = await within("readonly", (store) => store.get(id));
  if (!key) throw new Absent();
  return new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message));
}
