/* Follows an opening: whenever the record moved, fetches this page again and puts its live part in place. */

const says = JSON.parse(document.getElementById("live").dataset.says);
const source = new EventSource(`${location.pathname}/events`);

const tell = (words, again) => {
  const line = document.getElementById("line");
  line.replaceChildren(words);
  if (again) line.append(" ", again);
};

let waiting = 0;

async function refresh() {
  const answer = await fetch(location.pathname, { cache: "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error(answer.status);
  const fetched = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const open = [...document.querySelectorAll("#live details")].map((panel) => panel.open);
  document.getElementById("live").replaceWith(document.adoptNode(fetched));
  document.querySelectorAll("#live details").forEach((panel, place) => { panel.open = open[place] ?? false; });
  const over = fetched.hasAttribute("data-over");
  if (over) {
    source.close();
    clearTimeout(waiting);
  }
  tell(over ? says.over : says.live);
}

const again = document.querySelector("#line a");
const lost = () => tell(says.lost, again);

// Whatever moved before the line stood, or while it was down, is fetched when it stands.
source.addEventListener("open", () => { clearTimeout(waiting); refresh().catch(lost); });
source.addEventListener("moved", () => { refresh().catch(lost); });
source.addEventListener("error", () => { waiting = setTimeout(lost, source.readyState === EventSource.CLOSED ? 0 : 8000); });
