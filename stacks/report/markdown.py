"""A report as a comment of a pull request: what changes, whether it fits, what it costs, in this order."""

import re
from collections.abc import Iterator, Sequence

from nim_profiles.bars import terminal_lines
from stacks.report import words
from stacks.report.changes import Operation
from stacks.report.endpoint import EndpointReport, State
from stacks.report.report import Report

ROWS = 40
"""Longer tables and lists end with a count: GitHub takes 65,536 characters, a reader far fewer."""
MARKS = {State.NEW: "🆕", State.CHANGED: "✏️", State.GONE: "🗑️"}
FITS = {True: "✅", False: "❌", None: "❔"}


def markdown(report: Report) -> str:
    """GitHub's and GitLab's kind. What a stack file says is text here, whatever it says: no link, tag or mention."""
    return "\n".join([*_lines(report), ""])


def _lines(report: Report) -> Iterator[str]:
    bill = words.bill(report)
    yield f"### {'✅' if report.ok else '❌'} `{report.stack}`: {words.headline(report)}"
    if bill:
        yield f"**{text(bill)}**"
    yield from _trouble(report)
    if report.endpoints:
        yield from _table(report)
    if drawn := words.bars(report)[:ROWS]:
        yield from ("", "```text", *terminal_lines(drawn, width=100), "```")
    moving = report.in_state(State.CHANGED, State.NEW, State.GONE)
    happens = [f"**{one.name}**: {text(told)}" for one in moving for told in words.details(one)]
    yield from _list("What it means", [*(text(told) for told in words.nodes(report)), *happens])
    yield from _list("Warnings", [text(one) for one in report.warnings])
    yield from _resources(report)
    yield f"\n<sub>{text(words.terms(report))}</sub>"


def _trouble(report: Report) -> Iterator[str]:
    if report.faults:
        yield from ("", "An up refuses this stack file:", "", *_block([str(fault) for fault in report.faults]))
    if report.errors:
        yield from ("", "The engine failed:", "", *_block(report.errors))
    yield from _list("Rules", [f"{'❌' if result.stops else '⚠️'} {text(result)}" for result in report.policies])


def _table(report: Report) -> Iterator[str]:
    yield from ("", "| endpoint | change | fits | longest request | $/h |", "|---|---|---|---|---:|")
    moving = report.in_state(State.CHANGED, State.NEW, State.GONE)
    for one in moving[:ROWS]:
        yield _row(one)
    if len(moving) > ROWS:
        yield f"| {len(moving) - ROWS} more | | | | |"
    if still := report.in_state(State.UNCHANGED):
        names = ", ".join(one.name for one in still[:ROWS])
        more = f" and {len(still) - ROWS} more" if len(still) > ROWS else ""
        yield f"| {len(still)} unchanged | {names}{more} | | | |"


def _row(one: EndpointReport) -> str:
    if one.state is State.CHANGED:
        shown = [f"{text(d.what)} {text(d.before)} {words.ARROW} **{text(d.after)}**" for d in one.differences]
        change = "<br>".join(shown) or "in its resources alone"
    else:
        change = text(words.what_is_new(one))
    fit = "" if one.state is State.GONE else f"{FITS[one.fits]} {text(words.fit(one))}"
    cells = [f"{MARKS[one.state]} **{one.name}**", change, fit, words.longest(one), words.cost(one)]
    return f"| {' | '.join(cells)} |"


def _resources(report: Report) -> Iterator[str]:
    real = [change for change in report.changes if change.operation is not Operation.SAME]
    if not real:
        return
    order = [Operation.DELETE, Operation.REPLACE, Operation.UPDATE, Operation.CREATE]
    lines = [str(change) for change in sorted(real, key=lambda one: (order.index(one.operation), str(one)))]
    yield from ("", f"<details><summary>Resources: {words.operations(report)}</summary>", "")
    yield from _block(_cut(lines))
    yield from ("", "</details>")


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"**{title}**", "", *(f"- {line}" for line in _cut(lines)))


def _cut(lines: Sequence[str]) -> list[str]:
    return [*lines[:ROWS], *([f"{len(lines) - ROWS} more"] if len(lines) > ROWS else [])]


def _block(lines: Sequence[str]) -> Iterator[str]:
    """In a fence longer than any in `lines`."""
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    yield from (f"{fence}text", *(line for one in lines for line in one.splitlines()), fence)


def text(value: object) -> str:
    """As it stands: what means something to Markdown or HTML is written as a character reference."""
    return re.sub(r"[&<>|`*\[\]@~#\\]", lambda found: f"&#{ord(found[0])};", " ".join(str(value).split()))
