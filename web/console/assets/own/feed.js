"use strict";
/* The page's end of the line: rows in their places, nothing moved under the hand, and the line's state in words. */
const heed = window.heed = { settings: JSON.parse(document.body.dataset.settings || "{}"), words: JSON.parse(document.body.dataset.words || "{}"), me: document.body.dataset.me, offset: (Date.parse(document.body.dataset.now) || Date.now()) - Date.now(), waiting: new Set(), onnews: [] };
heed.word = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), heed.words[name]);
(() => {
  const { word } = heed, MOVE_AFTER_MS = 5000, QUIET_MS = 11000, GATHER_MS = 3000;
  const $ = id => document.getElementById(id);
  const live = $("live"), lost = $("lost"), clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Europe/London" });
  if (!live) return;
  const list = () => $("list"), rows = () => [...document.querySelectorAll("tr.row")];
  const rank = { immediate: 0, urgent: 1, routine: 2 }, known = new Map();
  let pending = new Map(), heard = Date.now(), lostAt = null, arrived = 0, mismatch = 0, ever = false, out = "", other = "", spoke = Date.now();

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

  const isOver = element => element.matches(":hover") || element.contains(document.activeElement);
  /* Alerts about one case or marker stand together, among those that are as pressing. */
  const groupOf = row => row.dataset.priority + row.dataset.group;

  function place(row) {
    const body = bodyOf(sectionOf(row)), others = [...body.querySelectorAll("tr.row")].filter(one => one !== row);
    const first = {};
    for (const one of [...others, row]) if (!(first[groupOf(one)] < one.dataset.order)) first[groupOf(one)] = one.dataset.order;
    const key = one => first[groupOf(one)] + one.dataset.order;
    // In the band under somebody's hand, what comes stands at the end.
    const next = body.dataset.section === "band" && isOver($("band")) ? null : others.find(one => key(one) > key(row)) || null;
    const focus = row.contains(document.activeElement) ? document.activeElement : null;
    if (row.isConnected && body.moveBefore) body.moveBefore(row, next); else body.insertBefore(row, next);
    if (focus && document.activeElement !== focus) focus.focus({ preventScroll: true });
  }

  /* What every row gets by the reader and not by the server: whose it is, and how many stand together. */
  function dress() {
    const all = rows(), open = all.filter(row => ["band", "waiting"].includes(sectionOf(row)) && row.dataset.state !== "resolved");
    const groups = new Map(open.map(row => [row.dataset.group, []]));
    for (const row of open) groups.get(row.dataset.group).push(row);
    for (const row of all) {
      const mine = row.dataset.by === heed.me && row.dataset.state === "acknowledged", who = row.querySelector(".who");
      row.dataset.mine = mine ? "yes" : "";
      if (mine) who.textContent = who.dataset.you;
      const form = row.querySelector(".together"), same = groups.get(row.dataset.group) || [];
      const hides = same.length < 2 || same[0] !== row;
      // Its line comes and goes with a hand elsewhere, or what is under the hand would move.
      if (form.hidden !== hides && !isOver(row.closest("table"))) form.hidden = hides;
      form.elements.numbers.value = same.map(one => one.dataset.number).join(" ");
      form.querySelector("b").textContent = same.length || "";
    }
    const count = name => all.filter(row => sectionOf(row) === name && row.dataset.state !== "resolved");
    let hidden = 0;
    for (const body of document.querySelectorAll("#rows tbody[data-section]")) {
      const these = count(body.dataset.section), shown = these.filter(row => row.checkVisibility());
      body.querySelector(".count").textContent = shown.length;
      hidden += these.length - shown.length;
    }
    const band = count("band").length, waiting = count("waiting").length + pending.size;
    titled(band + waiting, band);
    $("empty").hidden = all.length + pending.size > 0;
    const filtered = $("filtered");
    filtered.hidden = !hidden;
    filtered.firstChild.textContent = word("filtered", { count: hidden });
    const button = $("show-new"), pressing = [...pending.values()].filter(row => row.dataset.priority === "urgent").length;
    button.parentElement.hidden = !pending.size;
    button.textContent = word(pressing ? "new_urgent" : "new_ones", { count: pending.size, urgent: pressing }) + (heed.keyOf?.("show_new") ? `  ${heed.keyOf("show_new")}` : "");
    more();
  }
  function titled(count, pressing) {
    document.title = (count ? `(${count}${pressing ? "!" : ""}) ` : "") + document.title.replace(/^\(\d+!?\) /, "");
  }
  function more() {
    const band = $("band"), below = rows().filter(row => band.contains(row) && row.offsetTop + 40 > band.scrollTop + band.clientHeight).length;
    $("band-more").textContent = below ? word("more_below", { count: below }) : "";
  }

  function settle(always) {
    if (!list()) return;
    if (always || !isHeld()) {
      for (const row of pending.values()) place(row);
      pending = new Map();
    }
    for (const row of rows()) {
      if (Date.now() - (row.changed || 0) < MOVE_AFTER_MS && !always) continue;
      const held = isIn(row, "band") ? isOver($("band")) : isHeld();
      if (isOver(row) || (held && !always)) continue;
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
    if (isNew && told.state === "raised") arrived += 1;
    announce(told, known.get(told.number) || (old && { priority: old.dataset.priority, state: old.dataset.state, events: Number(old.dataset.events) }));
    known.set(told.number, told);
    if (!list()) return changed(told);
    const row = parsed(told.html);
    if (pending.has(told.number)) { if (told.state === "resolved") pending.delete(told.number); else pending.set(told.number, row); }
    else if (old) {
      Idiomorph.morph(old, row, { morphStyle: "outerHTML" });
      const now = $(`alert-${told.number}`);
      now.changed = Date.now();
      if (told.state === "resolved") now.classList.add("gone");
      // What has become pressing, or ours by our own hand, is put in its place at once, unless a hand is on it.
      if (told.state === "raised" && !told.shelved && !isIn(now, sectionOf(now)) && (sectionOf(now) === "band" || !isHeld())) place(now);
    } else if (isNew) {
      window.htmx?.trigger("#around", "refresh");
      row.classList.add("new");
      setTimeout(() => row.classList.remove("new"), 4000);
      if (sectionOf(row) === "band" || !isHeld()) place(row); else pending.set(told.number, row);
    }
    dress();
  }

  /* What is new, or new to nobody's hands, or has become more pressing: heard. A step up, a note: seen. */
  function announce(told, was) {
    if (told.state === "resolved" || told.shelved) return;
    const rose = was && rank[told.priority] < rank[was.priority], again = was && was.state !== "raised" && told.state === "raised";
    const happened = told.state === "raised" && (!was || told.events > was.events);
    if (happened || rose || again) for (const listen of heed.onnews) listen(told);
    if (!ever || lostAt || !(rose || again || (!was && told.state === "raised"))) return;
    if (told.priority === "immediate") say("assertive", word("immediate", { number: told.number, count: heed.waiting.size }));
    else say("polite", word("new", told));
  }

  /* The page of one alert: it is never changed under somebody's hand; that it has changed is said. */
  function changed(told) {
    pressing();
    const page = $("alert");
    if (page && page.dataset.number === told.number && Number(page.dataset.version) < told.version) $("changed").hidden = false;
  }

  /* Away from the queue: that an immediate alert waits stands on every page. */
  function pressing() {
    if (list()) return;
    titled(heed.waiting.size, heed.waiting.size);
    const strip = $("pressing");
    strip.hidden = !heed.waiting.size;
    strip.firstElementChild.textContent = word("pressing", { count: heed.waiting.size });
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
    if (out === "other") return;
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
    if (Date.now() - spoke > QUIET_MS + 8000 && !out) { spoke = Date.now(); connect(); }
    if (Date.now() - heard <= QUIET_MS && !out) return;
    if (!lostAt) { lostAt = new Date(heard + heed.offset); arrived = 0; live.dataset.state = "off"; live.textContent = word("not_live"); say("assertive", word("not_live_said")); }
    const since = clock.format(lostAt);
    if (out === "other") lost.textContent = word("other", { name: other });
    else lost.textContent = out === "signed-out" ? word("signed_out", { since }) :
      out ? word("not_yours") :
      `${word("lost", { since, tries: heed.tries || 1 })} ${word("ring")}${lost.dataset.ring}`;
    if (out === "signed-out") { const link = document.createElement("a"); link.href = "/sign-in"; link.textContent = word("sign_in"); link.style.color = "inherit"; lost.append(link); }
    lost.hidden = false;
  }

  const heard_of = {
    row: told => take(told.data), beat: told => beat(told.data), reset: () => fresh(word("loaded_again")),
    state: told => { heed.tries = told.tries; if (out !== "other") out = told.out; if (out) look(); },
    mute: told => heed.muted?.(told.until),
  };
  function hello(position) {
    const waiting = list() ? [...bodyOf("band").querySelectorAll("tr.row")].map(row => row.dataset.number) : [...heed.waiting];
    heed.post({ kind: "hello", desk: document.body.dataset.desk, position, waiting });
  }
  function connect() {
    heed.post?.({ kind: "bye" });
    let port;
    if (window.SharedWorker) port = new SharedWorker(document.body.dataset.hub, { name: "heed" }).port;
    else {
      const pair = new MessageChannel(), hub = new Hub();
      hub.connect(pair.port1);
      port = pair.port2;
      $("limit").hidden = false;
    }
    heed.post = message => port.postMessage(message);
    port.onmessage = ({ data }) => { spoke = Date.now(); if (data.waiting) heed.waiting = new Set(data.waiting); heard_of[data.kind]?.(data); pressing(); };
    hello(list()?.dataset.position || document.body.dataset.position);
  }
  setInterval(() => heed.post({ kind: "ping" }), 10000);
  addEventListener("pagehide", () => heed.post({ kind: "bye" }));
  addEventListener("pageshow", event => { if (event.persisted) { hello(list()?.dataset.position); fresh(); } });

  /* One browser, one person: where somebody else signs in, this page is theirs to load again, and moves nothing. */
  if (window.BroadcastChannel) {
    const channel = new BroadcastChannel("heed");
    channel.onmessage = ({ data }) => { if (data !== heed.me) { other = data; out = "other"; look(); } };
    channel.postMessage(heed.me);
  }

  /* A move from a row: what came of it is said, and the row shows it at once. */
  document.addEventListener("submit", async event => {
    const form = event.target;
    if (out === "other") { event.preventDefault(); return; }
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
  if (list()) {
    $("show-new").addEventListener("click", () => settle(true));
    $("band").addEventListener("scroll", more);
    dress();
  }
  connect();
  if (!list()) fetch("/queue/waiting", { cache: "no-store" }).then(answer => (answer.ok ? answer.json() : [])).then(numbers => { numbers.forEach(one => heed.waiting.add(one)); hello(document.body.dataset.position); pressing(); }).catch(() => {});
  tick();
  setInterval(tick, 1000);
})();
