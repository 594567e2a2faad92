// Brings the page up to date when the order changes; without this it is simply loaded again.
(() => {
  "use strict";
  const order = document.getElementById("order");
  const live = document.getElementById("live");
  let loading = false;
  let changedMeanwhile = false;

  async function load() {
    if (loading) {
      changedMeanwhile = true;
      return;
    }
    loading = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "omit" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("order");
        if (fresh && fresh.innerHTML !== order.innerHTML) {
          order.innerHTML = fresh.innerHTML;
          document.title = page.title;
          live.textContent = live.dataset.changed;
        }
      }
    } catch {
      // The next change, or the next connection, loads it again.
    }
    loading = false;
    if (changedMeanwhile) {
      changedMeanwhile = false;
      load();
    }
  }

  const changes = new EventSource(order.dataset.changes);
  changes.addEventListener("changed", load);
})();
