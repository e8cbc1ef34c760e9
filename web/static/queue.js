// The live queue for a pasted token. The token lives in a variable of this page and nowhere else.
"use strict";

const MARKS = { immediate: "▲ IMMEDIATE", urgent: "◆ URGENT", routine: "● ROUTINE" };
const RANK = ["immediate", "urgent", "routine"];
const SILENT_AFTER_MS = 12000;

const state = { token: null, alerts: new Map(), position: null, stop: null, beatAt: 0, lostSince: null };
const byId = (id) => document.getElementById(id);

function say(region, words) {
  // Emptied first, so that the same words are said twice.
  byId(region).textContent = "";
  setTimeout(() => { byId(region).textContent = words; }, 100);
}

function clock(moment) {
  return new Date(moment).toLocaleTimeString("en-GB");
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${state.token}`, ...(options.headers || {}) };
  return fetch(path, { ...options, headers, cache: "no-store" });
}

async function readList() {
  const found = new Map();
  let cursor = null;
  let position = null;
  do {
    const query = new URLSearchParams({ limit: "200", ...(cursor ? { cursor } : {}) });
    const answer = await ask(`/v1/alerts?${query}`);
    if (!answer.ok) throw Object.assign(new Error("list"), { status: answer.status });
    const page = await answer.json();
    position = position ?? page.position;
    cursor = page.next_cursor;
    page.items.forEach((alert) => found.set(alert.id, alert));
  } while (cursor);
  state.alerts = found;
  state.position = position;
  render();
}

function openAlerts() {
  return [...state.alerts.values()]
    .filter((alert) => alert.state !== "resolved")
    .sort((a, b) => RANK.indexOf(a.priority) - RANK.indexOf(b.priority) || a.raised_at.localeCompare(b.raised_at));
}

function cell(row, ...parts) {
  const made = document.createElement("td");
  made.append(...parts);
  row.append(made);
  return made;
}

function words(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

function button(alert, move, label) {
  const made = words("button", label, move === "acknowledge" ? "" : "second");
  made.type = "button";
  made.id = `${move}-${alert.id}`;
  made.setAttribute("aria-label", `${label} alert ${alert.number}`);
  made.addEventListener("click", () => act(alert, move));
  return made;
}

const CALL_BACK = { never: "never ring back", safe_number_only: "ring back the safe number only", free: "may be rung back" };

function required(response) {
  if (!response) return [];
  const told = [response.grade && `${response.grade} response`, CALL_BACK[response.call_back],
    response.code_word && `code word: ${response.code_word}`];
  return [words("p", `Required: ${told.filter(Boolean).join(" · ")}`, "required")];
}

function rowOf(alert) {
  const row = document.createElement("tr");
  row.id = `alert-${alert.id}`;
  row.className = `${alert.priority} ${alert.state}`;
  const steps = alert.escalation_level ? ` · escalated ${alert.escalation_level}` : "";
  cell(row, words("span", MARKS[alert.priority], "mark"), document.createElement("br"), `#${alert.number}${steps}`);
  const best = alert.matches[0];
  const said = best ? best.instruction : (alert.events[0] || {}).summary;
  const level = best ? [best.level.replaceAll("_", " ")] : [];
  const why = [...level, alert.because.join("; "), ...(best ? best.evidence : [])].join(" · ");
  const others = alert.matches.slice(1).filter((match, place, all) => match.marker !== best.marker
    && all.findIndex((one) => one.marker === match.marker) === place);
  cell(row, ...required(alert.response), words("p", said || "No instruction", "instruction"), words("p", why, "why"),
    ...others.map((match) => words("p", `Also (${match.level.replaceAll("_", " ")}): ${match.instruction}`, "why")));
  const late = alert.state === "raised" && Date.now() > Date.parse(alert.due_at) && !alert.shelved_until;
  cell(row, clock(alert.raised_at), document.createElement("br"),
    words("span", `${late ? "LATE · " : ""}${alert.event_count} event${alert.event_count === 1 ? "" : "s"}`, late ? "late" : ""));
  cell(row, alert.acknowledged_by || "nobody", alert.shelved_until ? ` (shelved until ${clock(alert.shelved_until)})` : "");
  cell(row, ...(alert.state === "raised" ? [button(alert, "acknowledge", "Acknowledge")] : []),
    button(alert, "resolve", "No action needed"));
  return row;
}

function render() {
  const alerts = openAlerts();
  const focused = document.activeElement && document.activeElement.id;
  const body = byId("alerts").tBodies[0];
  const standing = new Map([...body.rows].map((row) => [row.id, row]));
  alerts.forEach((alert, place) => {
    const made = rowOf(alert);
    const old = standing.get(made.id);
    standing.delete(made.id);
    const row = old && old.isEqualNode(made) ? old : made;
    if (old && row === made) old.replaceWith(made);
    if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] || null);
  });
  standing.forEach((row) => row.remove());
  // A replaced row takes its focused button away: give the focus to the one in its place.
  if (focused && byId(focused) && document.activeElement.id !== focused) byId(focused).focus();
  byId("alerts").hidden = alerts.length === 0;
  byId("empty").hidden = alerts.length > 0;
  byId("empty").textContent = "No open alerts.";
  const raised = alerts.filter((alert) => alert.state === "raised").length;
  byId("count").textContent = `${alerts.length} open, ${raised} unacknowledged`;
  document.title = `${raised ? `(${raised}) ` : ""}Queue – Heed`;
}

async function act(alert, move) {
  const said = move === "resolve" ? { outcome: "no_action_needed" } : {};
  if (move === "resolve" && !window.confirm(`Resolve alert ${alert.number}: no action needed?`)) return;
  try {
    const answer = await ask(`/v1/alerts/${alert.id}/${move}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "If-Match": `"${alert.version}"` },
      body: JSON.stringify(said),
    });
    const body = await answer.json();
    if (answer.ok) {
      state.alerts.set(body.id, body);
      render();
      say("polite", `Alert ${alert.number}: ${body.state}`);
      return;
    }
    const who = body.acknowledged_by ? ` ${body.acknowledged_by} has it.` : "";
    showLost(`Alert ${alert.number}: ${body.title}.${who}`, 6000);
    await readList();
  } catch {
    showLost(`Alert ${alert.number}: not known whether that was done. Try again.`, 6000);
  }
}

function showLost(text, forMs) {
  byId("lost").textContent = text;
  byId("lost").hidden = false;
  if (forMs) setTimeout(() => { if (!state.lostSince) byId("lost").hidden = true; }, forMs);
}

async function onMessage(message) {
  if (message.event === "alert") {
    const alert = JSON.parse(message.data);
    const known = state.alerts.get(alert.id);
    state.position = message.id;
    if (known && known.version >= alert.version) return;
    state.alerts.set(alert.id, alert);
    render();
    if (!known) say(alert.priority === "immediate" ? "assertive" : "polite", `New ${alert.priority} alert ${alert.number}`);
  } else if (message.event === "beat") {
    const beat = JSON.parse(message.data);
    state.beatAt = performance.now();
    state.position = beat.position;
    state.lostSince = null;
    byId("lost").hidden = true;
    byId("line").textContent = `LIVE ${clock(beat.at)}`;
    // The beat counts what there is: a list that shows another number is not whole.
    if (beat.open !== openAlerts().length) await readList();
  } else if (message.event === "reset") {
    await readList();
  }
}

async function readStream(signal) {
  const answer = await ask(`/v1/alerts/stream?${new URLSearchParams({ after: state.position })}`, { signal });
  if (!answer.ok) throw Object.assign(new Error("stream"), { status: answer.status });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const message = {};
      block.split("\n").forEach((line) => {
        const cut = line.indexOf(": ");
        if (cut > 0) message[line.slice(0, cut)] = line.slice(cut + 2);
      });
      await onMessage(message);
    }
  }
}

async function follow(signal) {
  let waitMs = 500;
  while (!signal.aborted) {
    const began = performance.now();
    try {
      await readStream(signal);
    } catch (error) {
      if (error.status === 401 || error.status === 403) return leave("This token is no longer good.");
    }
    if (performance.now() - began > 10000) waitMs = 500;
    await new Promise((done) => { setTimeout(done, waitMs + Math.random() * 250); });
    waitMs = Math.min(waitMs * 2, 8000);
  }
  return undefined;
}

function watchLine() {
  if (!state.token || performance.now() - state.beatAt < SILENT_AFTER_MS) return;
  if (!state.lostSince) {
    state.lostSince = new Date(Date.now() - (performance.now() - state.beatAt));
    say("assertive", "The line is lost: new alerts are not shown.");
  }
  byId("line").textContent = "NOT LIVE";
  showLost(`Not live since ${clock(state.lostSince)}. New alerts are not shown. Trying again.`);
}

async function enter(event) {
  event.preventDefault();
  byId("token-error").hidden = true;
  state.token = byId("token").value.trim();
  byId("token").value = "";
  try {
    await readList();
  } catch (error) {
    const told = { 401: "This token is not good.", 403: "This token's role does not read alerts." };
    return leave(told[error.status] || "The service can't be reached. Try again.");
  }
  byId("sign-in").hidden = true;
  byId("queue").hidden = false;
  state.beatAt = performance.now();
  state.stop = new AbortController();
  follow(state.stop.signal);
  return undefined;
}

function leave(reason) {
  if (state.stop) state.stop.abort();
  Object.assign(state, { token: null, alerts: new Map(), position: null, stop: null, lostSince: null });
  byId("queue").hidden = true;
  byId("lost").hidden = true;
  byId("sign-in").hidden = false;
  byId("line").textContent = "Not connected";
  byId("alerts").tBodies[0].replaceChildren();
  if (typeof reason === "string") {
    byId("token-error").textContent = reason;
    byId("token-error").hidden = false;
  }
  byId("token").focus();
}

byId("sign-in").addEventListener("submit", enter);
byId("leave").addEventListener("click", () => leave());
setInterval(watchLine, 1000);
setInterval(() => { if (state.token) render(); }, 5000);
