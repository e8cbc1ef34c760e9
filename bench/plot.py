"""The picture of the page: events a second by connections, beside a quarter of what limits them."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from bench.page import PAGE

PLOT = PAGE.with_suffix(".svg")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, APART = 440, 300, 52, 34, 58, 24
INKS = {
    "20,000 targets": "#1f6feb", "1,000,000 targets": "#8250df", "a quarter of the no-op route": "#8c959f",
    "a quarter of pgbench": "#bf8700",
}  # fmt: skip
Line = dict[int, float]


def draw(rows: Sequence[Sequence[str]], path: Path = PLOT) -> None:
    """Write the picture of the table of events (`bench/intake.py`), a panel for each engine."""
    engines = list(dict.fromkeys(row[0] for row in rows))
    panels = {engine: _lines([row for row in rows if row[0] == engine]) for engine in engines}
    most = max(value for lines in panels.values() for line in lines.values() for value in line.values()) * 1.1
    whole = len(engines) * WIDTH + (len(engines) - 1) * APART
    box = f'viewBox="0 0 {whole} {HEIGHT + 26}" role="img" font-family="system-ui, sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        "<title>Events a second by connections, on both engines</title>",
        f'<rect width="{whole}" height="{HEIGHT + 26}" fill="#fff"/>',
    ]
    for place, engine in enumerate(engines):
        moved = f'<g transform="translate({place * (WIDTH + APART)} 0)">'
        parts += [moved, *_panel(engine, panels[engine], most), "</g>"]
    left = LEFT
    for name, ink in INKS.items():
        parts.append(f'<rect x="{left}" y="{HEIGHT + 6}" width="14" height="4" fill="{ink}"/>')
        parts.append(f'<text x="{left + 19}" y="{HEIGHT + 13}" fill="#24292f">{escape(name)}</text>')
        left += 40 + 7 * len(name)
    path.write_text("\n".join([*parts, "</svg>\n"]), encoding="utf-8")


def _lines(rows: Sequence[Sequence[str]]) -> dict[str, Line]:
    lines: dict[str, Line] = {name: {} for name in INKS}
    for _, targets, connections, events, _, _, nothing, _, peer, _ in rows:
        at = int(connections)
        lines[f"{targets} targets"][at] = _number(events)
        if targets == "20,000":
            lines["a quarter of the no-op route"][at] = _number(nothing) / 4
            if peer != "-":
                lines["a quarter of pgbench"][at] = _number(peer) / 4
    return lines


def _number(cell: str) -> float:
    return float(cell.replace(",", ""))


def _panel(engine: str, lines: dict[str, Line], most: float) -> list[str]:
    at = sorted({connections for line in lines.values() for connections in line})
    step = (WIDTH - LEFT - 30) / max(1, len(at) - 1)

    def x(connections: int) -> float:
        return LEFT + 10 + step * at.index(connections)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most)

    parts = [f'<text x="{LEFT}" y="18" font-weight="600" fill="#24292f">{escape(engine)}: events a second</text>']
    for line_at in range(0, int(most) + 1, 100):
        parts.append(f'<path d="M{LEFT} {y(line_at):.1f}H{WIDTH - 10}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(line_at) + 4:.1f}" text-anchor="end" fill="#57606a">{line_at}</text>')
    foot = f'y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#57606a"'
    parts += [f'<text x="{x(connections):.1f}" {foot}>{connections}</text>' for connections in at]
    middle = (LEFT + WIDTH) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 20}" text-anchor="middle" fill="#57606a">connections</text>')
    for name, line in lines.items():
        path = " ".join(f"{x(key):.1f},{y(value):.1f}" for key, value in sorted(line.items()))
        dashes = ' stroke-dasharray="5 4"' if "quarter" in name else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{INKS[name]}" stroke-width="2"{dashes}/>')
        for key, value in line.items():
            parts.append(f'<circle cx="{x(key):.1f}" cy="{y(value):.1f}" r="3" fill="{INKS[name]}"/>')
    return parts
