/* A firm's page at its desk: tells the bid page on this device by which key the firm signs. No secret goes anywhere. */

import { holds } from "./device-key.js";
import { cardFile, heldCard, holdCard } from "./firm-card.js";
import { save } from "./files.js";

const rows = [];
for (const place of document.querySelectorAll(".card")) {
  const { firm, key, credential } = place.dataset;
  const card = { firm, key, credential };
  const able = key.startsWith("passkey-") ? typeof PublicKeyCredential === "function" : await holds(key).catch(() => false);
  if (able) rows.push({ place, card });
}

function draw() {
  const held = heldCard();
  for (const { place, card } of rows) {
    const mine = held?.key === card.key;
    place.hidden = false;
    place.querySelector("[data-held]").hidden = !mine;
    place.querySelector("[data-hold]").hidden = mine;
  }
}

for (const { place, card } of rows) {
  place.querySelector("[data-hold]").addEventListener("click", () => { holdCard(card); draw(); });
  place.querySelector("[data-save]")?.addEventListener("click", () => save(`${card.firm.split(":")[1]}.daylight-firm.txt`, cardFile(card)));
}

/* A device that knows no key of this firm, or one that signs no more, is told of the first that it can ask for. */
const [first] = rows.map(({ card }) => card);
const held = heldCard();
if (first && (!held || (held.firm === first.firm && !rows.some(({ card }) => card.key === held.key)))) holdCard(first);
draw();
