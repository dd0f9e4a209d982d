"""A report as one page that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Iterator, Sequence
from html import escape

from nim_profiles.bars import svg
from stacks.report import words
from stacks.report.changes import Operation
from stacks.report.endpoint import EndpointReport, State
from stacks.report.pictures import cost_svg
from stacks.report.report import Report

STYLE = """\
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .4rem}
.bill{font-size:1.25rem;margin:.2rem 0 1.2rem}.banner{border-left:.5rem solid;padding:.6rem 1rem;background:#f6f8fa}
.good{border-color:#1a7f37}.bad{border-color:#cf222e}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.45rem .8rem .45rem 0;
border-bottom:1px solid #d8dee4}th{font-weight:600}.n{text-align:right;white-space:nowrap}.w{white-space:nowrap}
.s{border-radius:1rem;padding:.1rem .6rem;font-size:.8rem;font-weight:600;margin-right:.4rem}
.new{background:#dafbe1;color:#116329}.changed{background:#fff8c5;color:#7d4e00}.gone{background:#ffebe9;color:#a40e26}
.yes{color:#116329}.no{color:#cf222e;font-weight:600}.dim{color:#656d76}
pre{background:#f6f8fa;padding:.8rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}"""
FITS = {True: ("yes", "✔ "), False: ("no", "✘ "), None: ("dim", "? ")}


def page(report: Report) -> str:
    """What stands in a stack file is text in it, whatever it is."""
    title = f"{report.stack}: {words.headline(report)}"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
            '<meta name="viewport" content="width=device-width">',
            f"<style>\n{STYLE}\n</style></head><body>",
            *_body(report),
            "</body></html>",
            "",
        ]
    )


def _body(report: Report) -> Iterator[str]:
    bill = words.bill(report)
    yield f'<div class="banner {"good" if report.ok else "bad"}"><h1>{escape(report.stack)}: '
    yield f"{escape(words.headline(report))}</h1>"
    yield f'<p class="bill">{escape(bill)}</p></div>' if bill else "</div>"
    if report.faults:
        yield from ("<h2>An up refuses this stack file</h2>", _block([str(fault) for fault in report.faults]))
    if report.errors:
        yield from ("<h2>The engine failed</h2>", _block(report.errors))
    yield from _list("Rules", [str(result) for result in report.policies])
    if report.endpoints:
        yield from _table(report)
    if drawn := words.bars(report):
        yield from ("<h2>Memory of one GPU</h2>", svg(drawn, title="What changes, by its estimate"))
    if report.price_dates:
        yield from ("<h2>Cost by the hour</h2>", cost_svg(report))
    moving = report.in_state(State.CHANGED, State.NEW, State.GONE)
    happens = [f"{one.name}: {told}" for one in moving for told in words.details(one)]
    yield from _list("What it means", [*words.nodes(report), *happens])
    yield from _list("Warnings", report.warnings)
    real = [str(change) for change in report.changes if change.operation is not Operation.SAME]
    if real:
        yield f"<details><summary>Resources: {words.operations(report)}</summary>{_block(real)}</details>"
    yield f'<p class="dim">{escape(words.terms(report))}</p>'


def _table(report: Report) -> Iterator[str]:
    headings = "".join(f"<th>{one}</th>" for one in ("endpoint", "change", "fits", "longest request"))
    yield f'<h2>Endpoints</h2><table><tr>{headings}<th class="n">$/h</th></tr>'
    yield from (_row(one) for one in report.in_state(State.CHANGED, State.NEW, State.GONE))
    if still := report.in_state(State.UNCHANGED):
        names = ", ".join(one.name for one in still)
        yield f'<tr class="dim"><td>{len(still)} unchanged</td><td colspan="4">{escape(names)}</td></tr>'
    yield "</table>"


def _row(one: EndpointReport) -> str:
    if one.differences:
        shown = [f"{escape(d.what)} {escape(d.before)} {words.ARROW} <b>{escape(d.after)}</b>" for d in one.differences]
        change = "<br>".join(shown)
    else:
        change = "in its resources alone" if one.state is State.CHANGED else escape(words.what_is_new(one))
    css, mark = ("dim", "") if one.state is State.GONE else FITS[one.fits]
    return (
        f'<tr><td class="w"><span class="s {one.state}">{one.state}</span><b>{escape(one.name)}</b></td>'
        f'<td>{change}</td><td class="{css} w">{mark}{escape(words.fit(one))}</td>'
        f'<td class="w">{escape(words.longest(one))}</td><td class="n">{escape(words.cost(one))}</td></tr>'
    )


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _block(lines: Sequence[str]) -> str:
    return f"<pre>{escape(chr(10).join(lines))}</pre>"
