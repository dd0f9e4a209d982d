"""A report for a person at a terminal."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from nim_profiles.bars import terminal_lines
from stacks.report import words
from stacks.report.changes import Operation
from stacks.report.endpoint import EndpointReport, State
from stacks.report.report import Report

STYLES = {State.NEW: "green", State.CHANGED: "yellow", State.GONE: "red"}
FITS = {True: "green", False: "red", None: "yellow"}


def terminal(report: Report, width: int) -> Group:
    """`width` in columns. The engine's own list of resources stands above it."""
    return Group(*_parts(report, width))


def _parts(report: Report, width: int) -> Iterator[RenderableType]:
    bill = words.bill(report)
    title = f"{report.stack}: {words.headline(report)}"
    yield Text(f"\n{title}", style="bold green" if report.ok else "bold red")
    if bill:
        yield Text(bill, style="bold")
    yield from (Text(str(fault), style="red") for fault in report.faults)
    yield from (Text(error, style="red") for error in report.errors)
    yield from (Text(str(result), style="red" if result.stops else "yellow") for result in report.policies)
    if report.endpoints:
        yield _table(report)
    if drawn := words.bars(report):
        yield Text("\n".join(["", *terminal_lines(drawn, width=min(width, 120))]), no_wrap=True)
    for change in report.changes:
        if change.operation in (Operation.REPLACE, Operation.DELETE):
            yield Text(str(change), style="red")
    if report.changes:
        yield Text(f"resources: {words.operations(report)}")
    for told in words.nodes(report):
        yield Text(told)
    for one in report.in_state(State.CHANGED, State.NEW, State.GONE):
        yield from (Text(f"{one.name}: {told}") for told in words.details(one))
    yield from (Text(f"warning: {warning}", style="yellow") for warning in report.warnings)
    yield Text(words.terms(report), style="dim")


def _table(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("endpoint", "change", "fits", "longest request"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "change")
    table.add_column("$/h", justify="right", no_wrap=True)
    for one in report.in_state(State.CHANGED, State.NEW, State.GONE):
        table.add_row(*_cells(one))
    if still := report.in_state(State.UNCHANGED):
        table.add_row(f"{len(still)} unchanged", ", ".join(one.name for one in still), style="dim")
    return table


def _cells(one: EndpointReport) -> tuple[str, ...]:
    if one.differences:
        change = "\n".join(f"{d.what} {d.before} {words.ARROW} {d.after}" for d in one.differences)
    else:
        change = "in its resources alone" if one.state is State.CHANGED else words.what_is_new(one)
    fit = "" if one.state is State.GONE else f"[{FITS[one.fits]}]{escape(words.fit(one))}[/]"
    name = f"[{STYLES[one.state]}]{one.state}[/] {one.name}"
    return name, escape(change), fit, words.longest(one), words.cost(one)
