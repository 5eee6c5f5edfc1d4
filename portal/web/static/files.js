/* Files that this device writes, or hands to another one by whatever it shares with. Nothing here touches the network. */

export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const asFile = (name, text) => new File([text], name, { type: "text/plain" });

/* Whether this device can hand a file to another one or to a person (phones can; most desktops cannot). */
export function canShare() {
  return typeof navigator.canShare === "function" && navigator.canShare({ files: [asFile("draft.txt", "draft")] });
}

/* Hand a file on; closing the device's own list without choosing is no mistake. */
export async function share(name, text) {
  await navigator.share({ files: [asFile(name, text)] }).catch((error) => { if (error.name !== "AbortError") throw error; });
}
