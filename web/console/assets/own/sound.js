"use strict";
/* Told apart by pattern, not by pitch; in one page of a browser; and when it can't be heard, that is said. */
(() => {
  const button = document.getElementById("sound"), AGAIN_MS = 10000, MUTE_MS = 120000;
  if (!button) return;
  const { settings } = heed, context = window.AudioContext ? new AudioContext() : null;
  let mine = false, asked = false, mutedUntil = 0, lastImmediate = 0;
  // The one page that sounds is one that can: it asks for its turn once a key or a click has let it.
  function turn() {
    if (asked || context?.state !== "running") return;
    asked = true;
    if (navigator.locks) navigator.locks.request("heed-sound", () => { mine = true; return new Promise(() => {}); });
    else mine = true;
  }

  function note(at, pitch) {
    const tone = context.createOscillator(), loud = context.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime((Number(document.getElementById("volume")?.value) || settings.volume) / 200, at + 0.02);
    loud.gain.linearRampToValueAtTime(0, at + 0.16);
    tone.connect(loud).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.18);
  }
  const patterns = { immediate: [[0, 660], [0.18, 880], [0.5, 660], [0.68, 880]], urgent: [[0, 520], [0.22, 520]], routine: [[0, 400]] };
  function play(priority) {
    if (!context || context.state !== "running" || Date.now() < mutedUntil) return false;
    for (const [after, pitch] of patterns[priority]) note(context.currentTime + after, pitch);
    document.body.dataset.played = `${priority} ${Number((document.body.dataset.played || " 0").split(" ")[1]) + 1}`;
    return true;
  }
  heed.onnews.push(told => {
    if (!settings.sound || !mine || (told.priority === "routine" && !settings.routine)) return;
    if (play(told.priority) && told.priority === "immediate") lastImmediate = Date.now();
  });
  heed.mute = () => heed.post({ kind: "mute", until: Date.now() < mutedUntil ? 0 : Date.now() + MUTE_MS });
  heed.muted = until => { const was = mutedUntil; mutedUntil = until; show(); if (was !== until) heed.say("polite", button.textContent); };

  function show() {
    turn();
    button.hidden = false;
    const left = Math.ceil((mutedUntil - Date.now()) / 1000);
    const words = !settings.sound ? heed.word("sound_off") : !context || context.state !== "running" ? heed.word("sound_blocked") :
      left > 0 ? heed.word("muted", { left: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` }) : heed.word("sound_on");
    if (button.textContent !== words) button.textContent = words;
    if (settings.sound && mine && heed.waiting.size && Date.now() - lastImmediate >= AGAIN_MS && play("immediate")) lastImmediate = Date.now();
  }
  for (const gesture of ["keydown", "pointerdown"]) addEventListener(gesture, () => { if (settings.sound) context?.resume().then(show); });
  button.addEventListener("click", () => heed.mute());
  document.getElementById("try-sound")?.addEventListener("click", () => context?.resume().then(() => play("immediate")));
  if (context) context.onstatechange = show;
  show();
  setInterval(show, 1000);
})();
