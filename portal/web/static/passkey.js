/* Makes passkeys and signs in with them. The number that the device answers is computed here from a purpose and the number
   the server drew, so that no server can slip the fingerprint of an act under a sign-in. */

import { makeKey, signWith } from "./device-key.js";

const PATIENCE_MS = 60_000;
export const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
export const fromBase64url = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
export const supported = typeof PublicKeyCredential === "function"
  && typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function";

/* What the server says no to, in its own words. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? "");
    this.reason = problem.reason ?? "";
    this.fix = problem.fix ?? "";
  }
}

export async function post(path, fields) {
  const answer = await fetch(path, {
    method: "POST", body: new URLSearchParams(fields), redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS),
    headers: { accept: "application/json" },
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told);
  return told;
}

/* SHA-256("daylight-PURPOSE-v1" 0x00 drawn), as the server computes it. */
export async function challengeFor(purpose, drawn) {
  const mark = new TextEncoder().encode(`daylight-${purpose}-v1\0`);
  const bytes = new Uint8Array(mark.length + drawn.length);
  bytes.set(mark);
  bytes.set(drawn, mark.length);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function optionsOf(asked) {
  const challenge = await challengeFor(asked.purpose, fromBase64url(asked.publicKey.challenge));
  return { ...asked.publicKey, challenge: base64url(challenge) };
}

/* A device's answer as JSON. Written out here: what an extension gave (a secret, say) never leaves the page. */
export async function make(asked) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await optionsOf(asked));
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id, rawId: made.id, type: made.type, clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(made.response.clientDataJSON),
      attestationObject: base64url(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

export async function answer(asked, only = null) {
  const options = await optionsOf(asked);
  if (only !== null) options.allowCredentials = [{ type: "public-key", id: only }];
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return answered(await navigator.credentials.get({ publicKey }));
}

export function answered(found) {
  return {
    id: found.id, rawId: found.id, type: found.type, clientExtensionResults: {},
    response: {
      clientDataJSON: base64url(found.response.clientDataJSON),
      authenticatorData: base64url(found.response.authenticatorData),
      signature: base64url(found.response.signature),
      userHandle: found.response.userHandle ? base64url(found.response.userHandle) : null,
    },
  };
}

/* The words for what went wrong stand in the page; the server's own come with its answer. */
export function wordsFor(form, error) {
  if (error instanceof Refused && error.message) return `${error.message} ${error.fix}`.trim();
  const known = {
    NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known", SecurityError: "address",
    NotSupportedError: "device", TimeoutError: "unreachable", TypeError: "unreachable",
    Changed: "changed", Absent: "absent",
  };
  const says = form.querySelector(`[data-says="${known[error.name] ?? "broken"}"]`);
  return says ? says.textContent : error.message;
}

/* A form whose button asks the device: `data-start` draws the question, the form's action takes the answer. */
export function wire(form, ceremony, able = supported) {
  const wrong = form.querySelector(".wrong");
  const button = form.querySelector("button[type=submit]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    button.disabled = true;
    try {
      const fields = new FormData(form);
      const told = await ceremony(form, fields);
      location.assign(told.location);
    } catch (error) {
      wrong.textContent = wordsFor(form, error);
      button.disabled = false;
      button.focus();
    }
  });
  form.hidden = !able;
}

async function enter(form, fields) {
  const asked = await post(form.dataset.start, fields);
  fields.append("credential", JSON.stringify(await answer(asked)));
  return post(form.action, fields);
}

async function join(form, fields) {
  const asked = await post(form.dataset.start, fields);
  fields.append("credential", JSON.stringify(await make(asked)));
  return post(form.action, fields);
}

/* A key that signs acts is used once at once: so it is known to work before anybody relies on it. */
async function joinActing(form, fields) {
  const asked = await post(form.dataset.start, fields);
  const made = await make(asked);
  fields.append("credential", JSON.stringify(made));
  fields.append("proof", JSON.stringify(await answer(asked.proof, made.id)));
  return post(form.action, fields);
}

/* Without a passkey: a key of this browser, which signs once at once, too. */
async function joinBrowser(form, fields) {
  const asked = await post(form.dataset.start, fields);
  const drawn = fromBase64url(asked.drawn);
  const mark = new TextEncoder().encode(`daylight-${asked.purpose}-v1\0`);
  const message = new Uint8Array([...mark, ...drawn]);
  const key = await makeKey();
  fields.append("key", key);
  fields.append("drawn", asked.drawn);
  fields.append("proof", base64url(await signWith(key, message)));
  return post(form.action, fields);
}

const CEREMONIES = { enter, join, act: joinActing, browser: joinBrowser };
for (const form of document.querySelectorAll("form[data-ceremony]")) {
  const ceremony = CEREMONIES[form.dataset.ceremony];
  if (ceremony) wire(form, ceremony, supported || form.dataset.ceremony === "browser");
}
for (const note of document.querySelectorAll("[data-without-passkeys]")) note.hidden = supported;
