"""A page of how labelled pairs were judged: the figures, the kinds, and every error side by side."""

from collections.abc import Iterable, Sequence
from html import escape

from markers.evaluation import Evaluation, Judged

_HEAD = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Heed: how addresses were matched</title>
<style>
:root { color-scheme: light dark; --line: #8886; --bad: #b3261e; --good: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7ddba0; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { background: #8883; border-radius: 3px; height: .7rem; min-width: 8rem; overflow: hidden; }
.bar i { background: var(--good); display: block; height: 100%; }
.pair { border: 1px solid var(--line); border-radius: 6px; margin: .8rem 0; padding: .6rem .9rem; }
.sides { display: grid; gap: .2rem 1rem; grid-template-columns: 6rem 1fr; }
.got { color: var(--bad); font-weight: 600; }
dt { color: #777; }
ul { margin: .3rem 0 0; padding-left: 1.2rem; }
</style>
"""
SHOWN_AT_MOST = 2_000
"""Errors on one page; more would be read by nobody, and their number is told."""


_WORDS = "Answers that the label does not accept, and look-ups in which another premises was called the same."


def page(done: Evaluation, files: Sequence[str]) -> str:
    """The whole page, in itself: no script, nothing from elsewhere."""
    wrong = [one for one in done.judged if not one.is_right or one.others]
    parts = [
        _HEAD,
        f"<h1>How addresses were matched</h1><p>{escape(', '.join(files))}</p>",
        _table(["", ""], ([escape(name), figure(value)] for name, value in done.figures().items())),
        "<h2>By kind</h2>",
        _table(["kind", "pairs", "right", ""], map(_kind_row, done.kinds().items())),
        f"<h2>{len(wrong)} to look at</h2>",
        f"<p>{_WORDS}{f' The first {SHOWN_AT_MOST} are shown.' if len(wrong) > SHOWN_AT_MOST else ''}</p>",
        *map(_pair, wrong[:SHOWN_AT_MOST]),
        "</html>\n",
    ]
    return "\n".join(parts)


def figure(value: float | None) -> str:
    """A figure as people read it: shares to four places."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}" if value <= 1 else f"{value:,.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th scope=col>{cell}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _kind_row(item: tuple[str, Sequence[Judged]]) -> list[str]:
    kind, judged = item
    share = sum(one.is_right for one in judged) / len(judged)
    bar = f'<div class="bar" role="img" aria-label="{share:.1%} right"><i style="width:{share:.1%}"></i></div>'
    return [escape(kind), str(len(judged)), f"{share:.3f}", bar]


def _pair(one: Judged) -> str:
    evidence = "".join(f"<li>{escape(said)}</li>" for said in one.match.evidence) if one.match else ""
    why = f"<ul>{evidence}</ul>" if evidence else "" if one.was_candidate else "<p>No key found it.</p>"
    others = "".join(f"<li>also called the same premises: {escape(_written(other))}</li>" for other in one.others[:5])
    return (
        f'<section class="pair"><b>{escape(one.pair.kind)}</b> <span>{escape(one.pair.id)}</span>'
        f'<dl class="sides"><dt>marker</dt><dd>{escape(_written(one.pair.marker))}</dd>'
        f"<dt>event</dt><dd>{escape(_written(one.pair.event))}</dd>"
        f"<dt>wanted</dt><dd>{escape(' or '.join(sorted(one.pair.accept)))}</dd>"
        f'<dt>got</dt><dd class="got">{escape(one.level)}</dd></dl>{why}<ul>{others}</ul></section>'
    )


def _written(written: tuple[str, str | None]) -> str:
    text, postcode = written
    return f"{text} · {postcode}" if postcode else text
