"""Cost before and after as two stacked bars."""

from collections.abc import Mapping
from decimal import Decimal
from xml.sax.saxutils import escape

from nim_profiles.bars import COLOURS
from stacks.report import words
from stacks.report.report import Report

LEFT, WIDTH, ROW, THICK = 70, 640, 40, 26
"""Pixels: labels, the longest bar, distance of bars, their height."""
LETTER = 6.8
"""Pixels of one letter, on average."""
REST = "#d0d7de"
"""Idle GPUs, and nodes that no endpoint pays for."""


def cost_svg(report: Report) -> str:
    """Each endpoint keeps its colour; what is grey stands idle. Sizes are told by tooltips and by the sum beside."""
    names = [one.name for one in report.endpoints]
    rows = [
        ("before", report.usd_per_hour_before, {one.name: one.usd_per_hour_before for one in report.endpoints}),
        ("after", report.usd_per_hour, {one.name: one.usd_per_hour for one in report.endpoints}),
    ]
    known = [(label, total, parts) for label, total, parts in rows if total is not None]
    span = max((total for _, total, _ in known), default=Decimal(1)) or Decimal(1)
    out: list[str] = []
    for place, (label, total, parts) in enumerate(known):
        y = ROW * place + 8
        out.append(f'<text x="{LEFT - 8}" y="{y + 18}" text-anchor="end">{label}</text>')
        out += _bar(y, total, parts, names, span)
    height = ROW * len(known) + 8
    x = float(LEFT)
    for place, name in enumerate(names):
        if all(not parts.get(name) for _, _, parts in known):
            continue
        out.append(f'<rect x="{x:.0f}" y="{height}" width="11" height="11" fill="{COLOURS[place % len(COLOURS)]}"/>')
        out.append(f'<text x="{x + 15:.0f}" y="{height + 10}">{escape(name)}</text>')
        x += 32 + LETTER * len(name)
    wide = max(LEFT + WIDTH + 100, round(x))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height + 20}" width="{wide}" '
        f'font-family="system-ui,sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(out)}</svg>"
    )


def _bar(y: int, total: Decimal, parts: Mapping[str, Decimal | None], names: list[str], span: Decimal) -> list[str]:
    out = [_rect(LEFT, y, total / span, REST, f"idle or unpriced: {words.hourly(total)}/h in all")]
    x = float(LEFT)
    for place, name in enumerate(names):
        if usd := parts.get(name):
            out.append(_rect(x, y, usd / span, COLOURS[place % len(COLOURS)], f"{name}: {words.hourly(usd)}/h"))
            x += float(usd / span) * WIDTH
    end = LEFT + float(total / span) * WIDTH
    out.append(f'<text x="{end + 8:.1f}" y="{y + 18}" font-weight="600">{words.hourly(total)}</text>')
    return out


def _rect(x: float, y: int, share: Decimal, fill: str, title: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{float(share) * WIDTH:.1f}" height="{THICK}" fill="{fill}">'
        f"<title>{escape(title)}</title></rect>"
    )
