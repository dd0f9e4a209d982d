"""`make preview`."""

import click

from stacks.cli import engine, sandbox
from stacks.cli.console import console
from stacks.cost import cost_of
from stacks.cost_table import cost_table
from stacks.preflight import planned
from stacks.selected import ROOT


@click.command()
@click.argument("stack")
def command(stack: str) -> int:
    """Say what `up` would do. Needs no cluster."""
    sandbox.build_images(ROOT, stack)
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=False)
    engine.select(plan)
    code = engine.pulumi("preview", plan, "--suppress-outputs")
    console.print(cost_table(cost_of(plan), engine.outputs(engine.state(plan)).get("cost", {})))
    return code
