"use strict";
/* Plots of what the tables beside them say. Their colours are the page's own, read anew for another theme and for paper. */
(() => {
  const places = [...document.querySelectorAll("[data-plot]")], HEIGHT = 240, made = [];
  if (!places.length || !window.uPlot) return;
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const DASHES = [[], [4, 4], [10, 4]];

  function plot(place) {
    const data = JSON.parse(place.dataset.plot), names = JSON.parse(place.dataset.names), ink = colour("--ink"), edge = colour("--edge");
    const axis = { stroke: ink, grid: { stroke: edge, width: 1 }, ticks: { stroke: edge } };
    place.textContent = "";
    return new window.uPlot({
      width: place.clientWidth, height: HEIGHT, cursor: { show: false }, legend: { show: true, live: false }, scales: { y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] } },
      tzDate: at => window.uPlot.tzDate(new Date(at * 1000), place.dataset.zone), axes: [{ ...axis, values: hours }, { ...axis, size: 56 }],
      series: [{}, ...names.map((label, index) => ({ label, stroke: index ? colour("--quiet") : ink, width: index ? 1 : 2, dash: DASHES[index], points: { show: data[0].length < 30 && !index } }))],
    }, data, place);
  }
  // Days and hours as they are written here.
  const hours = (chart, splits) => splits.map(at => {
    const told = chart.opts?.tzDate ? chart.opts.tzDate(at) : new Date(at * 1000), pad = value => String(value).padStart(2, "0");
    return `${pad(told.getHours())}:${pad(told.getMinutes())}${told.getHours() ? "" : `\n${told.getDate()}.${told.getMonth() + 1}.`}`;
  });
  function all() { for (const one of made.splice(0)) one.destroy(); made.push(...places.map(plot)); }
  all();
  addEventListener("resize", all);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  // On paper the ink is dark, whatever the screen's theme.
  const root = document.documentElement;
  let theme = null;
  addEventListener("beforeprint", () => { theme = root.dataset.theme; root.dataset.theme = "light"; all(); });
  addEventListener("afterprint", () => { root.dataset.theme = theme; all(); });
  const print = document.getElementById("print");
  if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
})();
