"use strict";
/* A file goes into the page's own field, so that what is sent can be read first; and how far the work has come is shown. */
(() => {
  const form = document.getElementById("bring-in"), chosen = document.getElementById("chosen"), LOOK_MS = 400;
  if (!form || !chosen) return;
  document.getElementById("from-file").hidden = false;
  const text = form.querySelector("[name=file]");
  chosen.addEventListener("change", async () => {
    const [file] = chosen.files;
    if (!file) return;
    text.value = await file.text();
    text.closest("details").open = true;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("submit", () => {
    document.getElementById("working").hidden = false;
    const bar = document.getElementById("progress"), said = document.getElementById("progress-said");
    setInterval(async () => {
      try {
        const { done, of } = await (await fetch("/import/progress", { headers: { Accept: "application/json" } })).json();
        if (of) { bar.max = of; bar.value = done; said.textContent = `${done} / ${of}`; }
      } catch { /* the answer itself comes, or the browser says that it does not */ }
    }, LOOK_MS);
  });
})();
