"use strict";
/* The page's end of the line: rows in their places, nothing moved under the hand, and the line's state in words. */
const heed = window.heed = { settings: JSON.parse(document.body.dataset.settings || "{}"), words: JSON.parse(document.body.dataset.words || "{}"), me: document.body.dataset.me, offset: (Date.parse(document.body.dataset.now) || Date.now()) - Date.now(), waiting: new Set(), onnews: [] };
heed.word = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), heed.words[name]);
(() => {
  const { word } = heed, MOVE_AFTER_MS = 5000, QUIET_MS = 12000, GATHER_MS = 3000;
  const $ = id => document.getElementById(id);
  const live = $("live"), lost = $("lost"), clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Europe/London" });
  if (!live) return;
  const list = () => $("list"), rows = () => [...document.querySelectorAll("tr.row")];
  const rank = { immediate: 0, urgent: 1, routine: 2 }, priorities = new Map();
  let pending = new Map(), heard = Date.now(), lostAt = null, arrived = 0, mismatch = 0, ever = false, out = "";

  /* Words for those who listen: the pressing at once, the rest gathered. */
  const says = { polite: [], assertive: [] };
  function say(how, words) {
    if (how === "assertive") return fill("assertive", words);
    says.polite.push(words);
    if (says.polite.length === 1) setTimeout(() => fill("polite", says.polite.splice(0).join(". ")), GATHER_MS);
  }
  function fill(id, words) {
    $(id).textContent = "";
    setTimeout(() => { $(id).textContent = words; }, 100);
    setTimeout(() => { if ($(id).textContent === words) $(id).textContent = ""; }, 10000);
  }
  heed.say = say;
  heed.now = () => Date.now() + heed.offset;
  heed.told = words => { const box = $("said"); box.textContent = words; box.hidden = false; say("polite", words); clearTimeout(heed.toldEnds); heed.toldEnds = setTimeout(() => { box.hidden = true; }, 10000); };

  /* Where a row stands; the server groups the page in the same way (`rows.py`). */
  function sectionOf(row) {
    const { state, shelved, priority, by } = row.dataset;
    if (shelved) return "shelved";
    if (state === "raised") return priority === "immediate" ? "band" : "waiting";
    return by === heed.me ? "mine" : "others";
  }
  const bodyOf = name => document.querySelector(`tbody[data-section="${name}"]`);
  const isHeld = () => { const main = $("rows"); return heed.held || main.matches(":hover") || main.contains(document.activeElement); };
  const isIn = (row, name) => row.closest("tbody").dataset.section === name;

  function place(row) {
    const body = bodyOf(sectionOf(row)), others = [...body.querySelectorAll("tr.row")].filter(one => one !== row);
    const first = {};
    for (const one of [...others, row]) if (!(first[one.dataset.group] < one.dataset.order)) first[one.dataset.group] = one.dataset.order;
    const key = one => first[one.dataset.group] + one.dataset.order;
    const next = others.find(one => key(one) > key(row)) || null;
    const focus = row.contains(document.activeElement) ? document.activeElement : null;
    if (row.isConnected && body.moveBefore) body.moveBefore(row, next); else body.insertBefore(row, next);
    if (focus && document.activeElement !== focus) focus.focus({ preventScroll: true });
  }

  /* What every row gets by the reader and not by the server: whose it is, and how many stand together. */
  function dress() {
    for (const row of rows()) {
      const mine = row.dataset.by === heed.me && row.dataset.state === "acknowledged", who = row.querySelector(".who");
      row.dataset.mine = mine ? "yes" : "";
      if (mine) who.textContent = who.dataset.you;
      const form = row.querySelector(".together"), section = row.closest("tbody")?.dataset.section;
      const same = ["band", "waiting"].includes(section) ? [...row.closest("tbody").querySelectorAll(`[data-group="${row.dataset.group}"]`)] : [];
      form.hidden = same.length < 2 || same[0] !== row;
      form.elements.numbers.value = same.map(one => one.dataset.number).join(" ");
      form.querySelector("b").textContent = same.length || "";
    }
    for (const body of document.querySelectorAll("tbody[data-section]")) {
      const count = body.querySelector(".count");
      if (count) count.textContent = body.querySelectorAll("tr.row").length;
    }
    const band = bodyOf("band").querySelectorAll("tr.row").length, waiting = bodyOf("waiting").querySelectorAll("tr.row").length + pending.size;
    document.title = (band || waiting ? `(${band + waiting}${band ? "!" : ""}) ` : "") + document.title.replace(/^\(\d+!?\) /, "");
    $("empty").hidden = rows().length + pending.size > 0;
    const button = $("show-new");
    button.parentElement.hidden = !pending.size;
    button.textContent = button.dataset.words.replace("{count}", pending.size) + (heed.keyOf?.("show_new") ? `  ${heed.keyOf("show_new")}` : "");
  }

  function settle(always) {
    if (!list()) return;
    if (always || !isHeld()) {
      for (const row of pending.values()) place(row);
      pending = new Map();
    }
    for (const row of rows()) {
      const since = Date.now() - (row.changed || 0), focused = row.contains(document.activeElement) || row.matches(":hover");
      if (since < MOVE_AFTER_MS && !always) continue;
      if (focused || (isHeld() && !always && !isIn(row, "band"))) continue;
      if (row.dataset.state === "resolved") row.remove();
      else if (!isIn(row, sectionOf(row)) && (always || !isHeld())) place(row);
    }
    dress();
  }
  heed.showNew = () => settle(true);

  function parsed(html) {
    const box = document.createElement("template");
    box.innerHTML = `<table><tbody>${html}</tbody></table>`;
    return box.content.querySelector("tr");
  }

  function take(told) {
    const old = pending.get(told.number) || $(`alert-${told.number}`);
    const isNew = !old && told.state !== "resolved";
    if (old && Number(old.dataset.version) >= told.version) return;
    // A sound is for what nobody has, and for what has become more pressing, whoever has it.
    const rose = rank[told.priority] < rank[priorities.get(told.number) ?? old?.dataset.priority];
    priorities.set(told.number, told.priority);
    if (isNew && told.state === "raised") arrived += 1;
    if (told.state !== "resolved" && !told.shelved && (told.state === "raised" || rose)) announce(told, isNew);
    if (!list()) return changed(told);
    const row = parsed(told.html);
    if (pending.has(told.number)) { if (told.state === "resolved") pending.delete(told.number); else pending.set(told.number, row); }
    else if (old) {
      Idiomorph.morph(old, row, { morphStyle: "outerHTML", ignoreActiveValue: true });
      const now = $(`alert-${told.number}`);
      now.changed = Date.now();
      if (told.state === "resolved") now.classList.add("gone");
      // What has become pressing, or ours by our own hand, is put in its place at once, unless a hand is on it.
      if (told.state === "raised" && !told.shelved && !isIn(now, sectionOf(now)) && (sectionOf(now) === "band" || !isHeld())) place(now);
    } else if (isNew) {
      row.classList.add("new");
      setTimeout(() => row.classList.remove("new"), 4000);
      if (sectionOf(row) === "band" || !isHeld()) place(row); else pending.set(told.number, row);
    }
    dress();
  }

  function announce(told, isNew) {
    for (const listen of heed.onnews) listen(told);
    if (!ever || lostAt) return;
    if (told.priority === "immediate") say("assertive", word("immediate", { number: told.number, count: heed.waiting.size }));
    else if (isNew) say("polite", word("new", told));
  }

  /* The page of one alert: it is never changed under somebody's hand; that it has changed is said. */
  function changed(told) {
    const page = $("alert");
    if (page && page.dataset.number === told.number && Number(page.dataset.version) < told.version) $("changed").hidden = false;
  }

  async function fresh(why) {
    if (!list()) return;
    const asked = new URLSearchParams(document.body.dataset.desk ? { desk: document.body.dataset.desk } : {});
    try {
      const answer = await fetch(`/queue/list?${asked}`, { cache: "no-store" });
      if (!answer.ok) return;
      const box = document.createElement("template");
      box.innerHTML = await answer.text();
      pending = new Map();
      Idiomorph.morph(list(), box.content.querySelector("#list"), { morphStyle: "outerHTML" });
      dress();
      hello(list().dataset.position);
      if (why) heed.told(why);
    } catch { /* the line says so */ }
  }

  function beat(data) {
    const was = lostAt;
    heard = Date.now();
    heed.offset = Date.parse(data.at) - Date.now();
    live.dataset.state = "live";
    live.textContent = word("live", { time: clock.format(new Date(data.at)) });
    lost.hidden = true;
    lostAt = null;
    out = "";
    if (was) { heed.told(word("live_again", { count: arrived })); fresh(); }
    ever = true;
    arrived = 0;
    tick();
    if (!list() || data.open > Number(list().dataset.most)) return;
    const shown = rows().filter(row => row.dataset.state !== "resolved").length + pending.size;
    mismatch = shown === data.open ? 0 : mismatch + 1;
    if (mismatch === 2) { mismatch = 0; fresh(word("not_whole")); }
  }

  function look() {
    if (Date.now() - heard <= QUIET_MS && !out) return;
    if (!lostAt) { lostAt = new Date(heard + heed.offset); arrived = 0; live.dataset.state = "off"; live.textContent = word("not_live"); say("assertive", word("not_live_said")); }
    const since = clock.format(lostAt);
    lost.textContent = out === "signed-out" ? word("signed_out", { since }) :
      out ? word("not_yours") :
      `${word("lost", { since, tries: heed.tries || 1 })} ${word("ring")}${lost.dataset.ring}`;
    if (out === "signed-out") { const link = document.createElement("a"); link.href = "/sign-in"; link.textContent = word("sign_in"); link.style.color = "inherit"; lost.append(link); }
    lost.hidden = false;
  }

  const heard_of = {
    row: told => take(told.data), beat: told => beat(told.data), reset: () => fresh(word("loaded_again")),
    state: told => { heed.tries = told.tries; out = told.out; if (out) look(); },
  };
  let port;
  function hello(position) {
    const waiting = list() ? [...bodyOf("band").querySelectorAll("tr.row")].map(row => row.dataset.number) : [];
    port.postMessage({ kind: "hello", desk: document.body.dataset.desk, position, waiting });
  }
  function connect() {
    if (window.SharedWorker) port = new SharedWorker(document.body.dataset.hub, { name: "heed" }).port;
    else {
      const pair = new MessageChannel(), hub = new Hub();
      hub.connect(pair.port1);
      port = pair.port2;
      const limit = document.createElement("span");
      limit.id = "limit";
      limit.textContent = word("five_pages");
      live.after(limit);
    }
    port.onmessage = ({ data }) => { if (data.waiting) heed.waiting = new Set(data.waiting); heard_of[data.kind]?.(data); };
    hello(list()?.dataset.position || document.body.dataset.position);
    setInterval(() => port.postMessage({ kind: "ping" }), 10000);
  }
  addEventListener("pagehide", () => port.postMessage({ kind: "bye" }));
  addEventListener("pageshow", event => { if (event.persisted) { hello(list()?.dataset.position); fresh(); } });

  /* A move from a row: what came of it is said, and the row shows it at once. */
  document.addEventListener("submit", async event => {
    const form = event.target;
    if (!form.matches(".move, .together") || document.body.classList.contains("kiosk")) return;
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) { told.rows.forEach(take); heed.told(told.said); }
      else heed.told(told.acknowledged_by ? word("has_it", { name: told.acknowledged_by }) : `${told.title}. ${told.detail || ""}`);
    } catch { heed.told(word("unknown")); }
  });

  /* One clock for the page, the server's. */
  let last = Date.now();
  function tick() {
    if (Date.now() - last > 15000) fresh();
    last = Date.now();
    for (const time of document.querySelectorAll("time.wait[datetime]")) {
      const seconds = Math.max(0, Math.floor((heed.now() - Date.parse(time.dateTime)) / 1000));
      const text = seconds < 3600 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : word("hours", { hours: Math.floor(seconds / 3600), minutes: String(Math.floor(seconds % 3600 / 60)).padStart(2, "0") });
      if (time.textContent !== text) time.textContent = text;
      time.parentElement.querySelector(".late").hidden = !(time.dataset.due && heed.now() > Date.parse(time.dataset.due));
    }
    for (const time of document.querySelectorAll("time.ago")) {
      const seconds = Math.max(0, Math.floor((heed.now() - Date.parse(time.dateTime)) / 1000));
      time.textContent = seconds < 120 ? word("seconds_ago", { count: seconds }) : word("minutes_ago", { count: Math.floor(seconds / 60) });
    }
    look();
    settle();
  }
  if (list()) { $("show-new").addEventListener("click", () => settle(true)); dress(); }
  connect();
  tick();
  setInterval(tick, 1000);
})();
