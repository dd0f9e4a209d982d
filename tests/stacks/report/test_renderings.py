"""The four renderings of a report, whole, and what holds for all of them."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from stacks.faults import Fault
from stacks.report import Report, document, markdown, page, terminal
from stacks.report.markdown import ROWS
from tests.stacks.report.pull_request import repaired, too_large, unreadable

REPORTS = {"too large": too_large, "repaired": repaired, "unreadable": unreadable}
HOSTILE = "@team | <img src=x onerror=alert(1)> [click](http://evil) `code` ``` **bold**"


def on_terminal(report: Report) -> str:
    console = Console(file=StringIO(), width=160)
    console.print(terminal(report, 160))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the buffer given above
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("made", REPORTS.values(), ids=REPORTS)
def test_the_snapshot_of_a_terminal(made: Callable[[], Report], snapshot: Any) -> None:
    assert on_terminal(made()) == snapshot


@pytest.mark.parametrize("made", REPORTS.values(), ids=REPORTS)
def test_the_snapshot_of_a_comment(made: Callable[[], Report], snapshot: Any) -> None:
    assert markdown(made()) == snapshot


@pytest.mark.parametrize("made", REPORTS.values(), ids=REPORTS)
def test_the_snapshot_for_programs(made: Callable[[], Report], snapshot: Any) -> None:
    assert json.dumps(document(made()), indent=2, ensure_ascii=False) == snapshot


@pytest.mark.parametrize("made", REPORTS.values(), ids=REPORTS)
def test_the_snapshot_of_a_page(made: Callable[[], Report], snapshot: Any) -> None:
    assert page(made()) == snapshot


class Tags(HTMLParser):
    """Which tags a page has, and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "onerror", "onclick")]


def test_a_page_needs_nothing_from_elsewhere() -> None:
    tags = Tags()
    tags.feed(page(repaired()))
    assert tags.loads == []
    assert "script" not in tags.tags
    assert "svg" in tags.tags


def test_the_pictures_of_a_page_are_xml() -> None:
    pictures = re.findall(r"<svg.*?</svg>", page(repaired()), re.DOTALL)
    assert len(pictures) == 2
    assert all(ET.fromstring(picture).tag.endswith("svg") for picture in pictures)  # noqa: S314 - our own


def test_what_a_stack_file_says_is_text_in_every_rendering() -> None:
    report = replace(unreadable(), faults=(Fault("f", "k", HOSTILE),), warnings=(HOSTILE,))
    tags = Tags()
    tags.feed(page(report))
    assert "img" not in tags.tags
    comment = markdown(report)
    fence, *_ = re.findall(r"^(`+)text$", comment, re.MULTILINE)
    assert fence == "````"
    outside = comment.split(f"\n{fence}")[-1]
    assert not re.search(r"[@|`*<]|\]\(", outside.split("**Warnings**")[1].split("<sub>")[0])


def test_a_long_report_ends_with_counts_and_stays_below_githubs_limit() -> None:
    one = too_large().endpoints[0]
    many = replace(too_large(), endpoints=(one,) * 1000, warnings=("w",) * 1000)
    comment = markdown(many)
    assert f"| {1000 - ROWS} more |" in comment
    assert f"- {1000 - ROWS} more" in comment
    assert len(comment) < 65_536


def test_the_headline_says_first_what_keeps_an_up_from_going_on() -> None:
    assert markdown(too_large()).startswith("### ❌ `team`: refused, 1 fault, 2 changed, 1 new\n")
    assert markdown(repaired()).startswith("### ✅ `team`: 2 changed, 1 new\n")
