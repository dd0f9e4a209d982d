"""`make place`."""

import sys

import click

from nim_profiles.cli.instance_table import placement_table
from nim_profiles.cli.output import print_json
from nim_profiles.placement import Unplaceable, placement_json, refusal_json, runner_up_text
from stacks.cheapest import cheapest
from stacks.cli.console import console
from stacks.cost import cost_of
from stacks.cost_table import amounts
from stacks.preflight import planned
from stacks.selected import ROOT


@click.command()
@click.argument("stack")
@click.option("--json", "as_json", is_flag=True, help="As `nim-profiles place --json`.")
def command(stack: str, *, as_json: bool) -> int:
    """Say which nodes would hold all endpoints at the least cost, beside what the pools cost. Changes nothing."""
    plan = planned(ROOT, stack, preview=True)
    try:
        found = cheapest(plan)
    except Unplaceable as refusal:
        if as_json:
            print_json(refusal_json(refusal))
        print(refusal, file=sys.stderr)
        return 1
    if as_json:
        print_json(placement_json(found))
        return 0
    console.print(placement_table(found))
    dates, pools = ", ".join(found.price_dates) or "none needed", cost_of(plan).usd_per_hour
    (hour, month), more = amounts(found.usd_per_hour), pools - found.usd_per_hour
    console.print(
        f"cheapest: {hour}/h, {month} a month of 730 h on demand (prices: {dates})\n"
        f"the pools of this stack: {amounts(pools)[0]}/h, "
        f"{amounts(abs(more))[0]}/h {'more' if more >= 0 else 'less'}",
        soft_wrap=True,
    )
    console.print(f"next best: {runner_up_text(found)}", soft_wrap=True)
    for note in found.notes:
        console.print(f"note: {note}", soft_wrap=True)
    return 0
