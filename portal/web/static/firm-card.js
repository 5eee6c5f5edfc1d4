/*
 * A card says which key signs for which firm, and holds no secret. The firm's desk leaves one on the device that signed there;
 * the bid page, which knows no session, finds it and asks that same device for that key.
 */

const SLOT = "daylight:firm";
const CARD = "daylight-firm-card-v1";
const KEY = /^(passkey-[a-z0-9]+|es256):[0-9a-f]+$/;

export const cardFile = ({ firm, key, credential }) => `${JSON.stringify({ firm, key, credential, version: CARD })}\n`;

export function readCard(text) {
  const { version, firm, key, credential } = JSON.parse(text);
  const named = key.startsWith("passkey-") ? /^[\w-]+$/.test(credential) : credential === "";
  if (version !== CARD || !/^firm:[a-z0-9-]{1,80}$/.test(firm) || !KEY.test(key) || !named) throw new Error("file-unknown");
  return { firm, key, credential };
}

/* The card that this device keeps, if any. */
export function heldCard() {
  try {
    return readCard(localStorage.getItem(SLOT) ?? "{}");
  } catch {
    return null;
  }
}

export function holdCard(card) {
  try {
    localStorage.setItem(SLOT, cardFile(card));
    return true;
  } catch {
    return false;
  }
}
