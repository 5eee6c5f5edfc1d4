/*
 * Follows an opening: whenever the record moved, fetches this page again and puts its live part in place.
 *
 * The line may be refused, hang, fall silent or break. Whatever it is, a page that has heard nothing for a while says so,
 * looks by itself every half minute, and tries the line again.
 */

const SILENT = 40_000; // a sign of life is due every 15 seconds
const LOOK = 30_000;

const says = JSON.parse(document.getElementById("live").dataset.says);
const again = document.querySelector("#line a");

let source;
let over = false;
let silence = 0;
let looks = 0;
let fetching = false;
let moved = false;

const tell = (words, link) => {
  const line = document.getElementById("line");
  line.replaceChildren(words);
  if (link) line.append(" ", link);
};

function heard() {
  clearTimeout(silence);
  clearInterval(looks);
  looks = 0;
  silence = setTimeout(lost, SILENT);
}

function lost() {
  clearTimeout(silence);
  if (over) return;
  tell(says.lost, again);
  if (looks) return;
  looks = setInterval(() => { refresh(); follow(); }, LOOK);
}

function finish() {
  over = true;
  source.close();
  clearTimeout(silence);
  clearInterval(looks);
  tell(says.over);
}

async function fetched() {
  const answer = await fetch(location.pathname, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
}

function show(live) {
  const open = [...document.querySelectorAll("#live details")].map((panel) => panel.open);
  document.getElementById("live").replaceWith(document.adoptNode(live));
  document.querySelectorAll("#live details").forEach((panel, place) => { panel.open = open[place] ?? false; });
  if (live.hasAttribute("data-over")) finish();
  else if (looks) tell(says.lost, again);
  else tell(says.live);
}

// One fetch at a time, so that an older page never takes the place of a newer one.
async function refresh() {
  moved = true;
  if (fetching) return;
  fetching = true;
  try {
    while (moved && !over) {
      moved = false;
      show(await fetched());
    }
  } catch {
    lost();
  } finally {
    fetching = false;
  }
}

function follow() {
  source?.close();
  source = new EventSource(`${location.pathname}/events`);
  // Whatever moved before the line stood, or while it was down, is fetched when it stands.
  source.addEventListener("open", () => { heard(); refresh(); });
  source.addEventListener("moved", () => { heard(); refresh(); });
  source.addEventListener("here", heard);
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    lost();
    refresh(); // it may be over
  });
}

heard();
follow();
