"use strict";
/* An area on a map. The fields are the truth: what is drawn is written into them, and what they say is drawn. */
(() => {
  const place = document.getElementById("area-drawing"), fold = document.getElementById("area");
  if (!place || !window.L) return;
  place.hidden = false;
  const field = name => document.querySelector(`[name="${name}"]`);
  const rows = document.querySelector("#corners tbody"), said = document.getElementById("area-said"), MOST = 30;
  const buttons = [...place.querySelectorAll("[data-draw]")];
  let map = null, drawn = null, mode = "circle";

  const number = text => text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : null;
  function centre() {
    const parts = field("centre").value.trim().split(/[\s,]+/).map(number);
    return parts.length === 2 && parts.every(part => part !== null) ? parts : null;
  }
  const corners = () => [...rows.rows].map(row => [...row.querySelectorAll("input")].map(input => number(input.value)))
    .filter(pair => pair.every(part => part !== null));
  // Five places after the point are about a metre.
  const short = value => value.toFixed(5);

  function draw() {
    drawn.clearLayers();
    const style = { className: "map-area", weight: 2, fillOpacity: .15 };
    const middle = centre(), radius = number(field("radius").value), ring = corners();
    if (middle) {
      L.circleMarker(middle, { ...style, radius: 4, fillOpacity: 1 }).addTo(drawn);
      if (radius > 0) L.circle(middle, { ...style, radius }).addTo(drawn);
    }
    if (ring.length > 1) L.polygon(ring, style).addTo(drawn);
    for (const corner of ring) L.circleMarker(corner, { ...style, radius: 4, fillOpacity: 1 }).addTo(drawn);
  }

  function set(at) {
    if (mode === "circle") {
      field("centre").value = `${short(at.lat)}, ${short(at.lng)}`;
      if (!number(field("radius").value)) field("radius").value = "150";
      tell(field("centre"));
    } else {
      const row = [...rows.rows].find(one => [...one.querySelectorAll("input")].every(input => !input.value)) || another();
      if (!row) return;
      const [latitude, longitude] = row.querySelectorAll("input");
      latitude.value = short(at.lat); longitude.value = short(at.lng);
      tell(latitude);
    }
  }
  // Scripts that set a field say so as a person's typing does: what is typed is kept when a session ends.
  const tell = input => input.dispatchEvent(new Event("input", { bubbles: true }));

  function another() {
    const n = rows.rows.length;
    if (n >= MOST) return null;
    const row = rows.rows[n - 1].cloneNode(true), [latitude, longitude] = row.querySelectorAll("input");
    row.querySelector("th").textContent = n + 1;
    for (const [input, name] of [[latitude, "lat_"], [longitude, "lon_"]]) {
      input.id = input.name = name + n; input.value = "";
      input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, n + 1));
    }
    rows.append(row);
    return row;
  }

  function begin() {
    if (map) { map.invalidateSize(); return; }
    const ring = corners(), here = centre() || ring[0];
    map = L.map("map", { keyboard: true, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false });
    const tiles = place.dataset.tiles;
    if (tiles) L.tileLayer(tiles, { maxZoom: 19, attribution: place.dataset.attribution }).addTo(map);
    else {
      const plain = L.gridLayer({ maxZoom: 19 });
      plain.createTile = () => { const cell = document.createElement("div"); cell.className = "map-cell"; return cell; };
      plain.addTo(map);
    }
    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false }).addTo(map);
    drawn = L.layerGroup().addTo(map);
    const start = place.dataset.start.split(/[\s,]+/).map(Number);
    map.setView(here || (start.length === 2 ? start : [54.0, -2.5]), here ? 16 : start.length === 2 ? 13 : 6);
    if (ring.length > 2) map.fitBounds(L.polygon(ring).getBounds(), { padding: [20, 20] });
    map.on("click", event => set(event.latlng));
    map.getContainer().addEventListener("keydown", event => {
      if (event.key === "Enter" && event.target === map.getContainer()) { event.preventDefault(); set(map.getCenter()); }
    });
    draw();
  }

  for (const button of buttons) button.addEventListener("click", () => {
    const what = button.dataset.draw;
    if (what === "circle" || what === "corner") {
      mode = what;
      for (const one of buttons) if (one.hasAttribute("aria-pressed")) one.setAttribute("aria-pressed", String(one === button));
      return;
    }
    const filled = [...rows.rows].filter(row => [...row.querySelectorAll("input")].some(input => input.value));
    for (const row of what === "undo" ? filled.slice(-1) : filled) for (const input of row.querySelectorAll("input")) input.value = "";
    if (what === "clear") field("centre").value = field("radius").value = "";
    tell(field("centre"));
  });
  fold.addEventListener("input", () => {
    if (!map) return;
    draw();
    const middle = centre(), radius = number(field("radius").value), count = corners().length;
    said.textContent = [middle && radius ? heed.word("circle", { radius, at: field("centre").value }) : "",
      count ? heed.word("corners", { count }) : ""].filter(Boolean).join("; ");
  });
  fold.addEventListener("toggle", () => { if (fold.open) begin(); });
  if (fold.open) begin();
})();
