"use strict";
/* Where the focus begins, and whether anybody is still there: two minutes' warning, and nothing typed is lost. */
(() => {
  const row = location.hash && document.querySelector(`tr${CSS.escape(location.hash).replace("\\#", "#")}`);
  const open = location.hash && document.querySelector(`details${CSS.escape(location.hash).replace("\\#", "#")}`);
  const enter = () => { open.open = true; open.querySelector("input:not([type=hidden]), select, textarea")?.focus(); };
  // After the browser's own jump to the fragment, which takes the focus away.
  if (row) { row.focus(); addEventListener("load", () => setTimeout(() => row.focus())); }
  else if (open) { enter(); addEventListener("load", () => setTimeout(enter)); }
  else (document.getElementById("summary") || document.getElementById("drill") || document.querySelector("[autofocus]") || document.querySelector("h1"))?.focus();

  let written = null; // Neither a key nor a link takes away what somebody has written: the browser asks first.
  document.addEventListener("submit", () => { written = null; });
  addEventListener("beforeunload", event => { if (written?.isConnected) event.preventDefault(); });

  const idleMs = Number(document.body.dataset.idle) * 1000, box = document.getElementById("idle"), WARN_MS = 120000, EXTEND_MS = 60000;
  if (!idleMs) return;
  let seen = Date.now(), extended = Date.now();
  let typed = null, kept = false;
  document.addEventListener("input", ({ target: { form } }) => { if (form?.method === "post") { typed = form; if (form.matches(".stack, .fold form")) written = form; } kept = false; });
  // What stands in a half-filled form goes to the service before the session ends, sealed, and comes back after sign-in.
  async function keep() {
    if (kept || !typed?.isConnected) return;
    kept = true;
    const fields = new URLSearchParams(new FormData(typed));
    fields.set("kept_path", new URL(typed.action).pathname);
    try { await fetch("/session/keep", { method: "POST", body: fields, headers: { Accept: "application/json" } }); } catch { kept = false; }
  }
  async function stay(event) {
    seen = Date.now();
    // The key that says "I am here" says nothing else.
    if (box.open) { event.preventDefault(); event.stopImmediatePropagation(); box.close(); }
    if (Date.now() - extended < Math.min(EXTEND_MS, idleMs / 4)) return;
    extended = Date.now();
    try { await fetch("/session/extend", { method: "POST", headers: { Accept: "application/json" } }); } catch { /* the line says so */ }
  }
  for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, stay, true);
  setInterval(() => {
    const left = Math.ceil((idleMs - (Date.now() - seen)) / 1000);
    if (left * 1000 > Math.min(WARN_MS, idleMs / 2)) return;
    if (left <= 30) keep();
    if (left <= 0) { if (box.open) box.close(); return; }
    document.getElementById("idle-left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (!box.open && !document.querySelector("dialog[open]")) box.showModal();
  }, 1000);
})();
