// Shows what is new without a reload: rows that did not change stay as they are, with
// their focus and their selection.
function update(shown, fresh) {
  const old = [...shown.children];
  const rows = [...fresh.children].map((row) => {
    const same = old.findIndex((one) => one.isEqualNode(row));
    return same < 0 ? row : old.splice(same, 1)[0];
  });
  const selection = getSelection();
  const inUse = (row) => row.contains(document.activeElement) || !selection.isCollapsed && selection.containsNode(row, true);
  if (old.some(inUse)) return; // until nobody needs the row
  for (const row of old) row.remove();
  rows.forEach((row, i) => {
    if (shown.children[i] !== row) shown.insertBefore(row, shown.children[i] ?? null);
  });
}

async function refresh() {
  const response = await fetch("/", {cache: "no-store"});
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const id of ["messages", "users"]) update(document.getElementById(id), fresh.getElementById(id));
  document.getElementById("now").textContent = fresh.getElementById("now").textContent;
}

async function keepRefreshing() {
  for (;;) {
    await new Promise(done => setTimeout(done, 1000));
    try {
      await refresh();
      document.title = "Mailboxes";
    } catch {
      document.title = "Mailboxes (the tenant has stopped)";
    }
  }
}

keepRefreshing();
