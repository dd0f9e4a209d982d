"""Stacked bars of GPU memory."""

import xml.etree.ElementTree as ET

from nim_profiles.bars import Bar, Part, svg, terminal_lines
from nim_profiles.units import GIB

SVG = "{http://www.w3.org/2000/svg}"


def bar(label: str, weights_gib: int, kv_gib: int, capacity_gib: int = 40) -> Bar:
    parts = (Part("weights", weights_gib * GIB), Part("LoRA", 0), Part("KV", kv_gib * GIB))
    used = (weights_gib + kv_gib + 1) * GIB
    return Bar(label, f"{label} verdict", capacity_gib * GIB, capacity_gib * GIB * 9 // 10, parts, used)


def test_a_terminal_line_is_drawn_to_scale() -> None:
    lines = terminal_lines([bar("L40S", 20, 10)], width=61)  # 41 cells: one per GiB, and the end
    assert lines[0] == "█ weights  ▒ KV  : engine's limit  | end of the GPU"
    assert (lines[1].count("█"), lines[1].count("▒")) == (20, 10)
    assert lines[1].index("|") - lines[1].index("█") == 40
    assert lines[1].endswith("L40S verdict")


def test_what_does_not_fit_reaches_beyond_the_end_of_the_gpu() -> None:
    line = terminal_lines([bar("L4", 20, 30, capacity_gib=22)])[1]
    assert line.rindex("▒") > line.index("|")


def test_nothing_to_draw_is_no_line() -> None:
    assert terminal_lines([]) == []


def test_the_picture_is_well_formed_and_to_scale() -> None:
    picture = ET.fromstring(svg([bar("a<b", 20, 10), bar("L4", 4, 5)], title="x & y"))  # noqa: S314 - our own text
    titled = [rect for rect in picture.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    drawn = {rect.findtext(f"{SVG}title"): float(rect.get("width", "0")) for rect in titled}
    assert drawn["weights: 20.0 GiB"] == 2 * drawn["KV: 10.0 GiB"] == 5 * drawn["weights: 4.0 GiB"]


def test_the_picture_stays_inside_its_frame() -> None:
    picture = ET.fromstring(svg([bar("L4", 20, 300, capacity_gib=22)], title="t"))  # noqa: S314 - our own text
    frame = float(picture.get("width", "0"))
    ends = [float(r.get("x", "0")) + float(r.get("width", "0")) for r in picture.iter(f"{SVG}rect") if r.get("x")]
    assert max(ends) <= frame


def test_an_empty_part_has_no_place_in_the_legend() -> None:
    assert "LoRA<" not in svg([bar("L4", 20, 30)], title="t")
