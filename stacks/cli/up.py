"""`make up`."""

import click

from stacks.cli import engine, sandbox
from stacks.cli.answers import show_answers
from stacks.cli.status import explain, show
from stacks.faults import BadStackFile
from stacks.leaving import leaving_caches
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT


@click.command()
@click.argument("stack")
def command(stack: str) -> int:
    """Deploy the stack and wait until every endpoint answers for itself."""
    sandbox.build_images(ROOT, stack)
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=True)
    require_cluster(plan, ROOT)
    engine.select(plan)
    if plan.protect_caches and (leaving := [*leaving_caches(plan, engine.state(plan))]):
        raise BadStackFile(leaving)
    code = engine.pulumi("up", plan, *engine.unattended(plan, "--skip-preview"), "--suppress-outputs")
    state = engine.state(plan)
    if code == 0 and state.get("pending_operations"):
        # Left by an engine that was killed. Every name is fixed, so this up has found what that one made.
        code = engine.pulumi("refresh", plan, "--yes", "--clear-pending-creates", "--suppress-outputs")
    show(plan, state)
    if code:
        explain(plan)
    if code == 0 and plan.cluster.real_node and plan.cluster.sandbox is not None:
        return 0 if show_answers(plan, plan.cluster.sandbox) else 1
    return code
