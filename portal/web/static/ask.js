/* Asks one question in public: the key is made for it, signs it once, and is forgotten with this page. */

import { clean } from "./bid-papers.js";
import { Refused, send } from "./bid-send.js";
import { random, signStatement, signingKey } from "./seal.js";

const form = document.getElementById("ask");
const terms = JSON.parse(form.dataset.terms);
const says = JSON.parse(form.dataset.says);
const error = document.getElementById("question-error");
let made = null;

async function ask() {
  const text = clean(document.getElementById("question").value);
  if (!text) throw new Error(says.empty);
  if (made?.text !== text) {
    const key = await signingKey(random(32));
    const { signed } = await signStatement(terms.log, "question-asked", terms.subject, { text }, key);
    made = { text, posted: JSON.stringify({ signed }) };
  }
  const told = await send("/api/questions", made.posted, (seconds) => { error.textContent = says.trying.replace("{n}", seconds); });
  error.textContent = "";
  document.getElementById("asked").textContent = says.asked.replace("{record}", told.index);
  made = null;
  form.reset();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  error.textContent = "";
  ask().catch((problem) => {
    const known = problem instanceof Refused ? `${problem.message} ${problem.fix}`.trim() : problem.message;
    error.textContent = problem.name === "TypeError" || problem.name === "TimeoutError" ? says.unreachable : known;
    document.getElementById("question").focus();
  });
});

if (location.origin === terms.address) {
  await signingKey(random(32));
  document.getElementById("elsewhere").hidden = true;
  form.hidden = false;
}
