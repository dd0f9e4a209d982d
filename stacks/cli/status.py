"""`make status`, and the table with which `make up` ends."""

import json
from collections.abc import Iterable, Sequence
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
from stacks.status.applied import applied, pending
from stacks.status.endpoint_status import EndpointStatus, status_of
from stacks.status.seen import Cluster
from stacks.status.table import details, status_table
from stacks.table import endpoints_table


@click.command()
@click.argument("stack")
@click.option("as_json", "--json", is_flag=True, help="Print JSON (docs/status.md).")
def command(stack: str, *, as_json: bool) -> int:
    """Compare what was declared with state, cluster and endpoints; 0 where all agree, 1 where not."""
    plan = planned(ROOT, stack)
    sandbox.enter(plan, start=False)
    require_cluster(plan, ROOT)
    try:
        statuses, shared = _statuses(plan)
    except live.UNREACHABLE as error:
        raise click.ClickException(f"the cluster does not answer: {error}") from None
    agree = not shared and all(one.agrees for one in statuses)
    if as_json:
        document = {"agrees": agree, "shared_pending": list(shared), "endpoints": [one.json() for one in statuses]}
        print(json.dumps(document, indent=2))
    else:
        _print(plan, statuses, shared)
    return 0 if agree else 1


def _statuses(plan: Plan) -> tuple[list[EndpointStatus], tuple[str, ...]]:
    """One an endpoint, and what an up would do beside them."""
    state = engine.state(plan)
    # A stack that was never deployed has nothing to compare with, and no preview without being made first.
    preview = json.loads(engine.quietly("preview", "--json", "--stack", plan.stack)) if state else {}
    steps = pending(preview.get("steps", []), state)
    engine.write_kubeconfig(plan, state)
    urls = engine.outputs(state).get("endpoints", {})
    ports = {one.name: one.port for one in plan.endpoints}
    with live.plain_client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster)) as http:
        seen = Cluster(http, plan.namespace).see(applied(state), plan.selectors, ports)
    statuses = [
        status_of(
            one,
            urls.get(one.name, {}).get("url"),
            steps.get(one.name, ()),
            seen,
        )
        for one in plan.endpoints
    ]
    known = {one.name for one in plan.endpoints}
    gone = (step for endpoint, told in steps.items() if endpoint not in known for step in told)
    return statuses, tuple(gone)


def explain(plan: Plan) -> None:
    """Prints why pods do not serve and Jobs fail, and what helps: a line each."""
    ports = {one.name: one.port for one in plan.endpoints}
    try:
        with live.plain_client(kubeconfig_path(plan.cluster, ROOT), context_name(plan.cluster)) as http:
            seen = Cluster(http, plan.namespace).see((), plan.selectors, ports)
    except live.UNREACHABLE as error:
        console.print(f"the cluster does not answer: {error}")
        return
    _print_details(status_of(one, None, (), seen) for one in plan.endpoints)


def _print_details(statuses: Iterable[EndpointStatus]) -> None:
    for one in statuses:
        for line in details(one):
            console.print(line, soft_wrap=True, markup=False, highlight=False)


def _print(plan: Plan, statuses: Sequence[EndpointStatus], shared: Sequence[str]) -> None:
    console.print(status_table(plan.stack, statuses))
    _print_details(statuses)
    if shared:
        console.print(f"beside the endpoints, state: {'; '.join(shared)}", soft_wrap=True, markup=False)
    if any(one.pending for one in statuses) or shared:
        console.print(
            f"Next:  make preview STACK={plan.stack}  # what the file says and the state does not", soft_wrap=True
        )
    if any(one.drift for one in statuses):
        refresh = f"pulumi refresh --stack {plan.stack}"
        console.print(
            f"Next:  {refresh}, then make up STACK={plan.stack}  # puts back what somebody changed", soft_wrap=True
        )


def show(plan: Plan, state: dict[str, Any], before: dict[str, Any]) -> None:
    """Prints the table, the bill beside that of the state `before`, and what to do next."""
    engine.write_kubeconfig(plan, state)
    path = kubeconfig_path(plan.cluster, ROOT)
    try:
        pods = live.replicas(live.client(path, context_name(plan.cluster)), plan.namespace, plan.selectors)
    except live.UNREACHABLE as error:
        console.print(f"the cluster does not answer: {error}")
        return
    console.print(endpoints_table(plan, engine.outputs(state).get("endpoints", {}), pods))
    console.print(cost_table(cost_of(plan), engine.outputs(before).get("cost", {})))
    shown = _relative(path)
    console.print(f"Next:  kubectl --kubeconfig {shown} -n {plan.namespace} get pods -o wide", soft_wrap=True)
    for verb, why in (
        ("status", "what differs, and why a pod or a Job fails"),
        ("preview", "what a change to the stack file would do"),
        ("down", "delete it again"),
    ):
        console.print(f"       make {verb} STACK={plan.stack}  # {why}", soft_wrap=True)


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
