/*
 * The keeper's page: asks passkeys, reads chosen files into forms, follows what runs. The page works without it, but for
 * passkeys. What a passkey answers goes into a form of this page and nowhere else: never log it, and never call toJSON() on a
 * credential, which would carry it along.
 */

const at = (id) => document.getElementById(id);
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

/* ---- passkeys: the answer of their `prf` extension wraps the key that the file is locked under ---- */

async function answerOf(credential, salt) {
  const found = credential.getClientExtensionResults().prf;
  if (found?.results?.first) return found.results.first;
  if (found && !found.enabled) return null;
  return ask([letters(credential.rawId)], salt).then(({ answer }) => answer);
}

async function ask(credentials, salt) {
  const credential = await navigator.credentials.get({
    publicKey: {
      challenge: random(32),
      rpId: "localhost",
      allowCredentials: credentials.map((id) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  return { id: letters(credential.rawId), answer: credential.getClientExtensionResults().prf?.results?.first ?? null };
}

async function create(keeper, salt) {
  const credential = await navigator.credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { id: "localhost", name: "Daylight keeper" },
      user: { id: random(16), name: keeper, displayName: keeper },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      extensions: { prf: { eval: { first: salt } } },
    },
  });
  return { id: letters(credential.rawId), answer: await answerOf(credential, salt) };
}

function asking(form, find) {
  const given = JSON.parse(form.dataset.ask);
  const says = JSON.parse(form.dataset.says);
  const told = form.querySelector(".told");
  told.setAttribute("role", "status");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) { told.textContent = says.no_passkeys; return; }
    told.textContent = says.wait;
    try {
      const { id, answer } = await find(given, fromHex(given.salt));
      if (!answer) { told.textContent = says.no_prf; return; }
      form.elements.credential.value = id;
      form.elements.answer.value = letters(answer);
      form.submit();
    } catch {
      told.textContent = says.refused;
    }
  });
}

if (at("unlock")) asking(at("unlock"), (given, salt) => ask(given.credentials, salt));
if (at("lock")) asking(at("lock"), (given, salt) => create(given.keeper, salt));

/* ---- a chosen file's text takes the place of what would be pasted ---- */

for (const chooser of document.querySelectorAll(".choose")) {
  chooser.hidden = false;
  const input = chooser.querySelector("input");
  input.addEventListener("change", async () => { at(input.dataset.into).value = await input.files[0].text(); });
}

/* ---- what runs, line by line ---- */

async function follow(list) {
  const told = await (await fetch("run.json")).json();
  for (const line of told.lines.slice(list.children.length)) {
    const item = document.createElement("li");
    item.textContent = line;
    list.append(item);
  }
  if (told.done) location.reload();
  else setTimeout(() => follow(list).catch(() => location.reload()), 500);
}

const lines = at("lines");
if (lines && "running" in lines.dataset) follow(lines);
document.querySelector(".problem")?.focus();
