/* The desk's first page: notices that only this device has kept, because the session was gone when they were written. */

const section = document.getElementById("unfinished");
const mine = `daylight:notice:${section.dataset.who}:`;
const list = section.querySelector("ul");

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

for (const key of Object.keys(localStorage).filter((name) => name.startsWith(mine)).sort()) {
  const fields = kept(key)?.fields;
  const name = key.slice(mine.length);
  if (!Array.isArray(fields) || !/^[0-9a-f]{16}$/.test(name)) continue;
  const given = Object.fromEntries(fields.filter(([, value]) => value));
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = list.querySelector(`a[href$="/${name}"]`)?.getAttribute("href") ?? `/desk/notices/new?draft=${name}`;
  link.textContent = (given.title || given.outcome || given.need || "…").slice(0, 80);
  const note = document.createElement("span");
  note.className = "due";
  note.textContent = section.dataset.saysKept;
  row.append(link, note);
  list.append(row);
  section.hidden = false;
}
