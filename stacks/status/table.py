"""The answer to `make status`: one row an endpoint, what differs marked, and below it every difference in full."""

from collections.abc import Iterable, Iterator

from rich.markup import escape
from rich.table import Table

from stacks.status.endpoint_status import SIMULATED, EndpointStatus

COLUMNS = ("endpoint", "declared", "state", "cluster", "the endpoint says")


def status_table(stack: str, statuses: Iterable[EndpointStatus]) -> Table:
    table = Table(title=f"Endpoints of stack {stack}: declared, deployed, running", title_justify="left")
    for column in COLUMNS:
        table.add_column(column, overflow="fold", no_wrap=column == "endpoint")
    for one in statuses:
        deployed = one.url or "not deployed"
        ready = f"{one.ready} of {one.replicas} ready"
        table.add_row(
            escape(one.name),
            f"{escape(one.profile_name)}\n{one.profile_id[:12]}…\n{one.replicas} x {one.gpu_count} GPUs",
            _cell(deployed, _count(one.pending, "step", "to come"), good=one.url is not None),
            _cell(ready, _count(one.drift, "field", "changed"), good=one.ready >= one.replicas),
            _said(one),
        )
    return table


def details(one: EndpointStatus) -> Iterator[str]:
    """Every difference in one line: the endpoint, the column, and who says what."""
    for column, lines in (
        ("state", one.pending),
        ("cluster", (*one.drift, *one.troubles)),
        ("the endpoint says", [line for line in one.says if line != SIMULATED]),
    ):
        yield from (f"{one.name}, {column}: {line}" for line in lines)
    yield from (f"{one.name}, {found}" for found in one.diagnoses)


def _cell(first: str, wrong: str, *, good: bool) -> str:
    colour = "green" if good else "red"
    return f"[{colour}]{escape(first)}[/]" + (f"\n[red]{wrong}[/]" if wrong else "")


def _count(lines: tuple[str, ...], noun: str, what: str) -> str:
    return f"{len(lines)} {noun}{'s' if len(lines) > 1 else ''} {what}" if lines else ""


def _said(one: EndpointStatus) -> str:
    wrong = tuple(line for line in one.says if line != SIMULATED)
    if SIMULATED in one.says and not wrong:
        return "simulated: nothing there can answer"
    serve = f"{one.proven} serve it" if one.proven or wrong else "nothing ready to ask"
    return _cell(serve, f"{len(wrong)} otherwise" if wrong else "", good=one.proven > 0 and not wrong)
