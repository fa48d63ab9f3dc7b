// Shows what is new without a reload: what did not change stays as it is, with
// its focus and its selection.
async function refresh() {
  const response = await fetch("/", {cache: "no-store"});
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const id of ["messages", "users", "now"]) {
    const shown = document.getElementById(id), next = fresh.getElementById(id);
    if (!shown.contains(document.activeElement) && shown.innerHTML !== next.innerHTML) {
      shown.innerHTML = next.innerHTML;
    }
  }
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
