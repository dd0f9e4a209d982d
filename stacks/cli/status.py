"""`make status`, and the table with which `make up` ends."""

from pathlib import Path
from typing import Any

import click

from stacks import live
from stacks.cli import engine, sandbox
from stacks.cli.console import console
from stacks.cluster import context_name, kubeconfig_path
from stacks.cost import cost_of
from stacks.cost_table import cost_table
from stacks.plan import Plan
from stacks.preflight import planned, require_cluster
from stacks.selected import ROOT
from stacks.table import endpoints_table


@click.command()
@click.argument("stack")
def command(stack: str) -> int:
    """Show what the cluster says of the stack's endpoints."""
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=False)
    require_cluster(plan, ROOT)
    return 0 if show(plan, engine.state(plan)) else 1


def show(plan: Plan, state: dict[str, Any]) -> bool:
    """Prints the table and what to do next; whether every replica is ready."""
    path = kubeconfig_path(plan.cluster, ROOT)
    try:
        pods = live.replicas(live.client(path, context_name(plan.cluster)), plan.namespace, plan.selectors)
    except live.UNREACHABLE as error:
        console.print(f"the cluster does not answer: {error}")
        return False
    outputs = engine.outputs(state)
    console.print(endpoints_table(plan, outputs.get("endpoints", {}), pods))
    console.print(cost_table(cost_of(plan), outputs.get("cost", {})))
    shown = _relative(path)
    console.print(f"Next:  kubectl --kubeconfig {shown} -n {plan.namespace} get pods -o wide", soft_wrap=True)
    for verb, why in (("preview", "what a change to the stack file would do"), ("down", "delete it again")):
        console.print(f"       make {verb} STACK={plan.stack}  # {why}", soft_wrap=True)
    return all(
        sum(replica.ready for replica in pods.get(endpoint.name, ())) >= endpoint.replicas
        for endpoint in plan.endpoints
    )


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
