/* Sends what was sealed, reads the answer, and fetches the proof afterwards. Only these few addresses are ever asked. */

const PATIENCE_MS = 180_000;
const WAITS_S = [1, 3, 6];

/* What the server says no to, in its own words; `final` when sending the same again cannot help. */
export class Refused extends Error {
  constructor(problem, status) {
    super(problem.detail ?? "");
    this.fix = problem.fix ?? "";
    this.reason = problem.reason ?? "";
    this.seconds = problem.figures?.seconds ?? 0;
    this.final = status >= 400 && status < 500 && status !== 429 && status !== 408;
  }
}

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/*
 * Post a statement, again after a while when the line or the other side fails; `waiting` is told for how many seconds.
 * Sending it again is safe, for the record answers with what it has. What is refused for good is not tried again.
 */
export async function send(path, posted, waiting) {
  for (const seconds of WAITS_S) {
    try {
      return await post(path, posted);
    } catch (error) {
      if (error instanceof Refused && error.final) throw error;
      const patience = Math.max(seconds, error.seconds ?? 0);
      waiting(patience);
      await pause(patience);
    }
  }
  return post(path, posted);
}

async function post(path, posted) {
  const answer = await fetch(path, {
    method: "POST", body: posted, credentials: "omit", redirect: "error", signal: AbortSignal.timeout(PATIENCE_MS),
    headers: { "content-type": "application/json", accept: "application/json" },
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told, answer.status);
  return told;
}

export async function list(path) {
  const answer = await fetch(path, { credentials: "omit", cache: "no-cache", headers: { accept: "application/json" } });
  if (!answer.ok) throw new Refused(await answer.json().catch(() => ({})), answer.status);
  return answer.json();
}

/* The proof that record `index` is in the published record; "" while no snapshot covers it. */
export async function proof(index, tries = 4) {
  for (let round = 0; round < tries; round += 1) {
    const answer = await fetch(`/ledger/entries/${index}/receipt`, { credentials: "omit", cache: "no-store" }).catch(() => null);
    if (answer?.ok) return answer.text();
    if (round + 1 < tries) await pause(1.5);
  }
  return "";
}
