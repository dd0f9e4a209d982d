"""Stacked bars of GPU memory: lines for a terminal, or an SVG picture. Knows sizes and words, not models."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from nim_profiles.units import GIB, gib

GLYPHS = "█▓▒░▚▞▦▤"
COLOURS = ("#33658a", "#7a5195", "#ef8a17", "#c44536", "#8d99ae", "#d68fa8", "#2a9d8f", "#b7e4c7")
"""One per part, in order; parts keep their colour from bar to bar. Dark to light so that a grey print still differs."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar. Parts of the same name look the same in every bar."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One GPU. Parts beyond the capacity are drawn beyond its end: that is the picture of a model that does not fit."""

    label: str
    verdict: str
    capacity_bytes: int
    """All memory of the device."""
    limit_bytes: int
    """What the engine may use of it."""
    parts: tuple[Part, ...]
    safe_bytes: int
    """The same stack by its safe figures: how far it may reach."""

    @property
    def used_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)


def _names(bars: Sequence[Bar]) -> list[str]:
    return list(dict.fromkeys(part.name for bar in bars for part in bar.parts))


def _seen(bars: Sequence[Bar]) -> set[str]:
    """A part that is empty in every bar keeps its colour but has no place in the legend."""
    return {part.name for bar in bars for part in bar.parts if part.size_bytes > 0}


def _span(bars: Sequence[Bar]) -> int:
    return max((max(bar.capacity_bytes, bar.used_bytes, bar.safe_bytes) for bar in bars), default=1)


def _stack(bar: Bar, names: Sequence[str], cells_per_byte: float, width: int) -> str:
    """Rounded at the running total, so that the whole is never off by more than half a cell."""
    text, total = "", 0
    for part in bar.parts:
        total += part.size_bytes
        text += GLYPHS[names.index(part.name) % len(GLYPHS)] * (round(total * cells_per_byte) - len(text))
    cells = list(text.ljust(width))
    limit = min(round(bar.limit_bytes * cells_per_byte), width - 1)
    end = min(round(bar.capacity_bytes * cells_per_byte), width - 1)
    if cells[limit] == " ":
        cells[limit] = ":"
    cells[end] = "|"
    return "".join(cells).rstrip()


def terminal_lines(bars: Sequence[Bar], *, width: int = 100) -> list[str]:
    """A legend, then one line per bar: label, stack, verdict. `:` is the engine's limit, `|` the end of the device."""
    if not bars:
        return []
    names = _names(bars)
    label = max(len(bar.label) for bar in bars)
    verdict = max(len(bar.verdict) for bar in bars)
    cells = max(20, width - label - verdict - 4)
    cells_per_byte = (cells - 1) / _span(bars)
    legend = "  ".join(f"{GLYPHS[i % len(GLYPHS)]} {name}" for i, name in enumerate(names) if name in _seen(bars))
    lines = [f"{legend}  : engine's limit  | end of the GPU"]
    lines.extend(
        f"{b.label:>{label}}  {_stack(b, names, cells_per_byte, cells):<{cells}}  {b.verdict}".rstrip() for b in bars
    )
    return lines


LEFT, TOP, ROW, THICK, PLOT = 175, 64, 34, 20, 560
"""Pixels: label column, heading and legend, distance of bars, their height, the plot's width."""
LETTER = 6.8
"""Pixels of one letter, on average."""


NOTE = "estimate; whisker: safe figure; dashed: engine's limit; solid: end of the GPU"
STYLE = """\
<style>
.t,.h,.s{font:12px system-ui,sans-serif;fill:#222} .h{font-weight:600;font-size:14px} .s{fill:#666;font-size:11px}
.w,.l,.e,.g{fill:none;stroke:#222} .w{stroke-width:1.5} .l{stroke-dasharray:3 2} .e{stroke-width:2} .g{stroke:#e3e3e3}
</style>
<defs><pattern id="empty" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="#f6f6f6"/><path d="M0 6L6 0" stroke="#ddd"/></pattern></defs>
<rect width="100%" height="100%" fill="#fff"/>"""


def _text(x: float, y: float, content: str, *, anchor: str = "start", css: str = "t") -> str:
    return f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(content)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str, *, title: str = "") -> str:
    inner = f"<title>{escape(title)}</title>" if title else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}">{inner}</rect>'


def _bar_svg(bar: Bar, names: Sequence[str], y: float, pixels_per_byte: float) -> list[str]:
    out = [
        _text(LEFT - 8, y + 14, bar.label, anchor="end"),
        _rect(
            LEFT, y, bar.capacity_bytes * pixels_per_byte, THICK, "url(#empty)", title=f"GPU: {gib(bar.capacity_bytes)}"
        ),
    ]
    x = float(LEFT)
    for part in bar.parts:
        length = part.size_bytes * pixels_per_byte
        colour = COLOURS[names.index(part.name) % len(COLOURS)]
        out.append(_rect(x, y, length, THICK, colour, title=f"{part.name}: {gib(part.size_bytes)}"))
        x += length
    safe = LEFT + bar.safe_bytes * pixels_per_byte
    if safe - x > 1:
        middle = y + THICK / 2
        out.append(f'<path class="w" d="M{x:.1f} {middle:.1f}H{safe:.1f}M{safe:.1f} {y + 5:.1f}v{THICK - 10}"/>')
    for size, css in ((bar.limit_bytes, "l"), (bar.capacity_bytes, "e")):
        at = LEFT + size * pixels_per_byte
        out.append(f'<path class="{css}" d="M{at:.1f} {y - 4:.1f}v{THICK + 8}"/>')
    out.append(_text(LEFT + PLOT + 12, y + 14, bar.verdict))
    return out


def _legend_svg(names: Sequence[str], seen: set[str]) -> list[str]:
    out: list[str] = []
    x = float(LEFT)
    for i, name in enumerate(names):
        if name not in seen:
            continue
        out += [_rect(x, 34, 11, 11, COLOURS[i % len(COLOURS)]), _text(x + 15, 44, name)]
        x += 27 + LETTER * len(name)
    return out


def _axis_svg(span_bytes: int, pixels_per_byte: float, bottom: float) -> list[str]:
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if span_bytes / GIB / s <= 9)
    out = []
    for i in range(int(span_bytes / GIB / step) + 1):
        x = LEFT + i * step * GIB * pixels_per_byte
        out.append(f'<path class="g" d="M{x:.1f} {TOP - 6}V{bottom:.1f}"/>')
        out.append(_text(x, bottom + 15, f"{i * step}" + (" GiB" if i == 0 else ""), anchor="middle"))
    return out


def svg(bars: Sequence[Bar], *, title: str) -> str:
    """A picture on a white ground, readable without colour names: every part carries its size as a tooltip.

    A whisker shows how far the stack may reach by the safe figures; the dashed line is the engine's limit.
    """
    names = _names(bars)
    span = _span(bars)
    pixels_per_byte = PLOT / span
    bottom = TOP + ROW * len(bars)
    verdicts = 24 + max((LETTER * len(bar.verdict) for bar in bars), default=0)
    width = LEFT + max(PLOT + verdicts, sum(27 + LETTER * len(name) for name in names))
    body = [
        _text(LEFT, 20, title, css="h"),
        *_legend_svg(names, _seen(bars)),
        *_axis_svg(span, pixels_per_byte, bottom),
    ]
    for i, bar in enumerate(bars):
        body += _bar_svg(bar, names, TOP + ROW * i, pixels_per_byte)
    body.append(_text(LEFT, bottom + 34, NOTE, css="s"))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {bottom + 46:.0f}" width="{width:.0f}">'
    return "\n".join([head, f"<title>{escape(title)}</title>", STYLE, *body, "</svg>", ""])
