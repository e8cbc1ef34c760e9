"use strict";
/* One key each, shown on the button; silent in fields, with a modifier, and while a dialog is open. */
(() => {
  const keys = heed.settings.keys || {}, dialog = document.getElementById("keys");
  heed.keyOf = action => Object.keys(keys).find(key => keys[key] === action);
  const visible = element => element.offsetParent !== null;
  const rows = () => [...document.querySelectorAll("tr.row")].filter(visible);
  const current = () => document.activeElement?.closest("tr.row");
  const go = address => { location.href = address; };
  const step = by => { const all = rows(), at = all.indexOf(current()); all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]?.focus(); };
  function fold(id) {
    const details = document.getElementById(id), row = current();
    if (details?.matches("details")) { details.open = true; details.querySelector("input:not([type=hidden]), select, textarea")?.focus(); }
    else if (row) go(`/alerts/${row.dataset.number}#${id}`);
  }
  async function copy() {
    const text = current()?.dataset.reference || document.getElementById("reference")?.textContent;
    if (!text) return heed.told(heed.word("no_reference"));
    try { await navigator.clipboard.writeText(text); heed.told(heed.word("copied", { text })); } catch { heed.told(heed.word("reference", { text })); }
  }
  function hold() {
    const button = document.getElementById("hold");
    if (!button) return;
    heed.held = !heed.held;
    button.setAttribute("aria-pressed", heed.held);
    heed.told(heed.word(heed.held ? "held" : "moves"));
  }
  const does = {
    look_up: () => { const box = document.querySelector("#look-up #box"); if (box) { box.focus(); box.select(); } else go(`/look-up?back=${encodeURIComponent(location.pathname + (current() ? `#${current().id}` : ""))}`); }, queue: () => go("/queue"), back: () => go("/queue"), down: () => step(1), up: () => step(-1),
    open: () => { const row = current(); if (row) go(`/alerts/${row.dataset.number}`); },
    acknowledge: () => (current()?.querySelector(".move") || document.querySelector('[data-move="acknowledge"]'))?.requestSubmit(),
    resolve: () => fold("resolve"), shelve: () => fold("shelve"), escalate: () => fold("escalate"), hand_on: () => fold("hand_on"), note: () => fold("note"), regrade: () => fold("regrade"), agree: () => document.getElementById("agree")?.focus(),
    copy, hold, mute: () => heed.mute?.(), show_new: () => heed.showNew?.(),
    newest: () => { const band = document.querySelectorAll("#band tr.row"); if (band.length) band[band.length - 1].focus(); else if (!document.getElementById("list")) go("/queue"); },
    help: () => dialog.showModal(),
  };
  document.getElementById("hold")?.removeAttribute("hidden");
  document.getElementById("hold")?.addEventListener("click", hold);
  const isTyping = element => element?.matches?.("input:not([type=radio], [type=checkbox], [type=range], [type=submit]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", event => {
    if (event.ctrlKey && event.key === "k") { event.preventDefault(); dialog.open ? dialog.close() : dialog.showModal(); return; }
    const from = document.getElementById("look-up")?.dataset.back;
    if (event.key === "Escape" && from && !document.querySelector("dialog[open]")) return go(from);
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const row = event.target.matches?.("tr.row") ? event.target : null;
    if (row && event.key === "Enter") return does.open();
    if (event.key === "ArrowDown" && current()) { event.preventDefault(); return step(1); }
    if (event.key === "ArrowUp" && current()) { event.preventDefault(); return step(-1); }
    const own = heed.settings.keys && Object.keys(keys).length && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (own && !keys[event.key]) { event.preventDefault(); own.click(); return; }
    const act = does[keys[event.key]];
    if (act) { event.preventDefault(); act(); }
  });
})();
