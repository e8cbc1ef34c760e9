"use strict";
/* One stream for all pages of a browser: as a SharedWorker, or inside a page where there is none.
   It holds the position, resumes through refusals and 503, and notices a line that has gone quiet. */
const QUIET_MS = 11000, SILENT_PORT_MS = 150000, LAST_LEFT_MS = 30000;

class Line {
  constructor(desk) {
    Object.assign(this, { desk, position: "", ports: new Map(), live: false, tries: 0, heard: 0, beat: null, waiting: new Set(), out: "" });
  }

  join(port, hello) {
    this.ports.set(port, Date.now());
    (hello.waiting || []).forEach(number => this.waiting.add(number));
    if (!this.running) { this.position = hello.position; this.run(); }
    else if (hello.position && isOlder(hello.position, this.position)) { this.position = hello.position; this.stop.abort(); }
    if (this.live && this.beat) port.postMessage({ kind: "beat", data: this.beat, waiting: [...this.waiting] });
    else this.say(this.state());
  }

  say(message) { for (const port of this.ports.keys()) port.postMessage(message); }
  state() { return { kind: "state", live: this.live, tries: this.tries, out: this.out }; }

  async run() {
    this.running = true;
    while (this.ports.size) {
      this.stop = new AbortController();
      this.heard = Date.now();
      const watch = setInterval(() => { if (Date.now() - this.heard > QUIET_MS) this.stop.abort(); }, 1000);
      try { await this.read(); } catch { /* refused, reset, or too quiet: all the same, it is tried again */ }
      clearInterval(watch);
      this.live = false;
      this.tries += 1;
      this.say(this.state());
      const wait = this.out ? 3000 : Math.min(8000, 250 * 2 ** Math.min(this.tries, 6)) * (0.5 + Math.random() / 2);
      await new Promise(done => setTimeout(done, wait));
    }
    this.running = false;
  }

  async read() {
    const asked = new URLSearchParams({ ...(this.position && { after: this.position }), ...(this.desk && { desk: this.desk }) });
    const answer = await fetch(`/console/feed?${asked}`, { signal: this.stop.signal, cache: "no-store", headers: { Accept: "text/event-stream" } });
    this.out = answer.status === 401 ? "signed-out" : answer.status === 403 ? "not-yours" : "";
    if (!answer.ok) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      this.heard = Date.now();
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) this.take(text.slice(0, end));
    }
  }

  take(block) {
    const fields = Object.fromEntries(block.split("\n").filter(line => !line.startsWith(":")).map(line => line.split(/: (.*)/s)));
    if (!fields.event || fields.event === "bye") return;
    const data = JSON.parse(fields.data);
    this.position = fields.id || data.position || this.position;
    if (fields.event === "row") {
      const waits = data.state === "raised" && data.priority === "immediate" && !data.shelved;
      this.waiting[waits ? "add" : "delete"](data.number);
    }
    if (fields.event === "beat") { this.live = true; this.tries = 0; this.beat = data; }
    this.say({ kind: fields.event, data, waiting: [...this.waiting] });
  }
}

function isOlder(one, other) {
  const [a, b] = [one, other].map(text => text.split(".").map(Number));
  return a[0] < b[0] || (a[1] || 0) < (b[1] || 0);
}

class Hub {
  constructor() { this.lines = new Map(); }

  connect(port) {
    let line;
    port.onmessage = ({ data: told }) => {
      if (told.kind === "hello") {
        line?.ports.delete(port);
        line = this.lines.get(told.desk);
        if (!line) this.lines.set(told.desk, line = new Line(told.desk));
        line.join(port, told);
        if (this.muted) port.postMessage({ kind: "mute", until: this.muted });
      } else if (told.kind === "mute") {
        this.muted = told.until;
        for (const one of this.lines.values()) one.say({ kind: "mute", until: told.until });
      } else if (told.kind === "bye") line?.ports.delete(port);
      else line?.ports.set(port, Date.now());
    };
  }

  sweep() {
    // After a sleep nobody has spoken for as long as it lasted: that is no sign of anything.
    const slept = Date.now() - (this.swept || Date.now()) > 30000;
    this.swept = Date.now();
    for (const line of slept ? this.lines.values() : []) for (const port of line.ports.keys()) line.ports.set(port, Date.now());
    if (slept) this.busy = Date.now();
    for (const [desk, line] of this.lines) {
      for (const [port, at] of line.ports) if (Date.now() - at > SILENT_PORT_MS) line.ports.delete(port);
      if (line.ports.size) this.busy = Date.now();
      else { line.stop?.abort(); if (!line.running) this.lines.delete(desk); }
    }
    return Date.now() - (this.busy || Date.now()) > LAST_LEFT_MS;
  }
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const hub = new Hub();
  self.onconnect = event => { hub.busy = Date.now(); hub.connect(event.ports[0]); };
  setInterval(() => { if (hub.sweep()) self.close(); }, 5000);
}
